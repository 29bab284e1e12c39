package io.footbridge.control.cli;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Collectors;

/** Flows, rules and published ports as text, in the forms of conntrack 1.4.7, iptables 1.8.9 and docker. */
final class FlowListings {
    private static final List<String> CHAINS = List.of("PREROUTING", "POSTROUTING");
    private static final Map<String, Integer> NUMBERS = Map.of("tcp", 6, "udp", 17);
    private static final long LARGEST_WHOLE = 99_999;
    private static final long LARGEST_SCALED = 9_999;
    private static final int THOUSAND = 1000;

    private FlowListings() {
    }

    /** As {@code conntrack -L}. */
    static String flow(Answer flow) {
        StringBuilder line = new StringBuilder("%-8s %s %s ".formatted(flow.text("protocol"), flow.text("protocolNumber"),
            flow.text("timeout")));
        String state = flow.text("state");
        line.append(state).append(state.isEmpty() ? "" : " ");
        ends(flow.at("original"), line);
        line.append(flow.text("replied").equals("true") ? "" : "[UNREPLIED] ");
        ends(flow.at("reply"), line);
        line.append(flow.text("assured").equals("true") ? "[ASSURED] " : "");
        return line.append("mark=0 use=1").toString();
    }

    private static void ends(Answer ends, StringBuilder line) {
        for (String name : List.of("src", "dst", "sport", "dport", "type", "code", "id")) {
            String value = ends.text(name);
            if (!value.isEmpty()) {
                line.append(name).append('=').append(value).append(' ');
            }
        }
    }

    /** In the form of {@code conntrack -S}: our words, not the kernel's. */
    static String flowStatistics(Answer statistics) {
        return statistics.members().entrySet().stream()
            .map(entry -> entry.getKey().replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT) + "=" + entry.getValue().text())
            .collect(Collectors.joining(" ", "", "\n"));
    }

    /** As {@code iptables -t nat -L -v -n}, both families. */
    static String rules(Answer rules) {
        StringBuilder text = new StringBuilder();
        for (String chain : CHAINS) {
            text.append(text.isEmpty() ? "" : "\n").append("Chain ").append(chain).append(" (policy ACCEPT 0 packets, 0 bytes)\n")
                .append(" pkts bytes target     prot opt in     out     source               destination         \n");
            rules.items().stream().filter(rule -> rule.text("chain").equals(chain)).forEach(rule -> text.append(rule(rule)).append('\n'));
        }
        return text.toString();
    }

    private static String rule(Answer rule) {
        String ports = rule.text("destinationPorts");
        StringBuilder extra = new StringBuilder();
        if (!ports.isEmpty()) {
            extra.append(' ').append(rule.text("protocol")).append(ports.contains("-") ? " dpts:" : " dpt:")
                .append(ports.replace('-', ':'));
        }
        if (!rule.text("to").isEmpty()) {
            extra.append(" to:").append(rule.text("to"));
        }
        String out = rule.text("out");
        return "%s %s %-9s  %-4s --  %-6s %-6s  %-19s  %-19s %s".formatted(count(rule.number("packets")), count(rule.number("bytes")),
            rule.text("target"), NUMBERS.getOrDefault(rule.text("protocol"), 0), "*", out.isEmpty() ? "*" : out,
            range(rule.text("source")), range(rule.text("destination")), extra);
    }

    /** One address stands without its length. */
    private static String range(String prefix) {
        return prefix.contains(":") ? prefix.replaceFirst("/128$", "") : prefix.replaceFirst("/32$", "");
    }

    /** Five columns: above that in thousands, millions and so on, rounded. */
    private static String count(long number) {
        long scaled = number;
        String unit = "";
        for (String next : List.of("K", "M", "G", "T")) {
            if (unit.isEmpty() ? scaled <= LARGEST_WHOLE : scaled <= LARGEST_SCALED) {
                break;
            }
            scaled = (scaled + THOUSAND / 2) / THOUSAND;
            unit = next;
        }
        return ("%" + (unit.isEmpty() ? 5 : 4) + "d%s").formatted(scaled, unit);
    }

    /** As {@code docker port}: a line for each port. */
    static String bindings(Answer bindings) {
        record Line(long containerPort, String text) {
        }

        List<Line> lines = new ArrayList<>();
        for (Answer binding : bindings.items()) {
            for (long i = 0; i < binding.number("count"); i++) {
                long inside = binding.number("containerPort") + i;
                lines.add(new Line(inside, inside + "/" + binding.text("protocol") + " -> " + host(binding) + ":"
                    + (binding.number("hostPort") + i) + "\n"));
            }
        }
        return lines.stream().sorted(Comparator.comparingLong(Line::containerPort)).map(Line::text).collect(Collectors.joining());
    }

    /** An endpoint's ports as {@code docker ps} shows a container's. */
    static String ports(Answer bindings) {
        Map<List<String>, List<String>> ofEndpoints = new LinkedHashMap<>();
        for (Answer binding : bindings.items()) {
            ofEndpoints.computeIfAbsent(List.of(binding.text("network"), binding.text("name")), _ -> new ArrayList<>())
                .add(host(binding) + ":" + range(binding.number("hostPort"), binding) + "->"
                    + range(binding.number("containerPort"), binding) + "/" + binding.text("protocol"));
        }
        TextTable table = new TextTable("NETWORK", "NAME", "PORTS");
        ofEndpoints.forEach((endpoint, ports) -> table.add(endpoint.get(0), endpoint.get(1), String.join(", ", ports)));
        return table.toString();
    }

    private static String host(Answer binding) {
        String host = binding.text("hostIp");
        return host.contains(":") ? "[" + host + "]" : host;
    }

    private static String range(long first, Answer binding) {
        long count = binding.number("count");
        return count > 1 ? first + "-" + (first + count - 1) : String.valueOf(first);
    }
}
