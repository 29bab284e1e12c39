package io.footbridge.control.cli;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** A daemon's answers as text, in the forms of the tools that are imitated. */
final class Listings {
    private static final int SHORT_ID = 12;

    private Listings() {
    }

    /** As {@code docker network ls}. */
    static String networks(Answer answer) {
        TextTable table = new TextTable("NETWORK ID", "NAME", "DRIVER", "SCOPE");
        for (Answer network : answer.items()) {
            String id = network.text("Id");
            table.add(id.substring(0, Math.min(SHORT_ID, id.length())), network.text("Name"), network.text("Driver"),
                network.text("Scope"));
        }
        return table.toString();
    }

    /** As {@code bridge fdb show}, with the blank that stands there where the state is empty. */
    static String fdb(Answer answer) {
        StringBuilder text = new StringBuilder();
        for (Answer entry : answer.items()) {
            text.append(entry.text("mac")).append(" dev ").append(entry.text("ifname")).append(' ');
            if (entry.number("vlan") != 0) {
                text.append("vlan ").append(entry.text("vlan")).append(' ');
            }
            entry.at("flags").items().forEach(flag -> text.append(flag.text()).append(' '));
            text.append("master ").append(entry.text("master")).append(' ').append(entry.text("state")).append('\n');
        }
        return text.toString();
    }

    /** As {@code ip neigh}. */
    static String neighbours(Answer answer) {
        return answer.items().stream().map(line -> line.text("dst") + " dev " + line.text("dev") + " lladdr " + line.text("lladdr") + " "
            + line.at("state").items().stream().map(Answer::text).collect(Collectors.joining(" ")) + "\n").collect(Collectors.joining());
    }

    /** NAME, IFNAME, MAC and addresses. */
    static String endpoint(Answer endpoint) {
        return endpoint.text("name") + " " + endpoint.text("ifname") + " " + endpoint.text("mac")
            + endpoint.at("addresses").items().stream().map(address -> " " + address.text()).collect(Collectors.joining()) + "\n";
    }

    /** Counters of every port, with the reasons of drops. */
    static String statistics(Answer answer) {
        TextTable table = new TextTable("NETWORK", "NAME", "RX FRAMES", "RX BYTES", "TX FRAMES", "TX BYTES", "DROPS");
        for (Answer port : answer.items()) {
            table.add(port.text("network"), port.text("name"), port.text("receivedFrames"), port.text("receivedBytes"),
                port.text("transmittedFrames"), port.text("transmittedBytes"), drops(port));
        }
        return table.toString();
    }

    private static String drops(Answer port) {
        Map<String, Answer> reasons = port.at("drops").members();
        long kernel = port.number("kernelDrops");
        long total = reasons.keySet().stream().mapToLong(port.at("drops")::number).sum() + kernel;
        List<String> parts = new java.util.ArrayList<>();
        reasons.forEach((reason, count) -> parts.add(reason + "=" + count.text()));
        if (kernel > 0) {
            parts.add("kernel=" + kernel);
        }
        return total + (parts.isEmpty() ? "" : " (" + String.join(" ", parts) + ")");
    }
}
