package io.footbridge.control.api;

import io.footbridge.control.model.TransportProtocol;
import io.footbridge.control.network.BindingView;
import io.footbridge.control.network.NatRuleView;
import io.footbridge.control.network.PublishedView;
import io.footbridge.nat.NatStatistics;
import io.footbridge.nat.SessionView;
import io.footbridge.nat.SessionView.Ends;
import java.util.LinkedHashMap;
import java.util.Map;

/** What is answered about flows, rules and published ports: names are conntrack's and iptables' words, in lowerCamel. */
public final class FlowDocuments {
    private static final int ICMP = 1;
    private static final int ICMPV6 = 58;
    private static final int ICMPV6_ECHO_REQUEST = 128;

    private FlowDocuments() {
    }

    static Map<String, Object> flow(SessionView session) {
        Map<String, Object> document = Documents.ordered("protocol", name(session.protocol()), "protocolNumber", session.protocol(),
            "timeout", session.expiresSeconds());
        session.state().ifPresent(state -> document.put("state", state));
        document.put("original", ends(session.protocol(), session.original(), true, session.originalPackets(), session.originalBytes()));
        document.put("reply", ends(session.protocol(), session.reply(), false, session.replyPackets(), session.replyBytes()));
        document.put("replied", session.replied());
        document.put("assured", session.assured());
        return document;
    }

    /** As libnetfilter_conntrack names protocols; of ports it knows nothing with those that we track by address alone. */
    private static String name(int protocol) {
        return switch (protocol) {
            case ICMP -> "icmp";
            case 6 -> "tcp";
            case 17 -> "udp";
            case 33 -> "dccp";
            case 47 -> "gre";
            case ICMPV6 -> "icmpv6";
            case 132 -> "sctp";
            case 136 -> "udplite";
            default -> "unknown";
        };
    }

    private static Map<String, Object> ends(int protocol, Ends ends, boolean original, long packets, long bytes) {
        Map<String, Object> document = new LinkedHashMap<>();
        document.put("src", ends.source().toString());
        document.put("dst", ends.destination().toString());
        if (protocol == ICMP || protocol == ICMPV6) {
            int request = original ? ends.destinationPort() : ends.sourcePort();
            document.put("type", original ? request : replyType(protocol, request));
            document.put("code", 0);
            document.put("id", original ? ends.sourcePort() : ends.destinationPort());
        } else if (protocol == TransportProtocol.TCP.number() || protocol == TransportProtocol.UDP.number()) {
            document.put("sport", ends.sourcePort());
            document.put("dport", ends.destinationPort());
        }
        document.put("packets", packets);
        document.put("bytes", bytes);
        return document;
    }

    private static int replyType(int protocol, int request) {
        if (protocol == ICMPV6) {
            return request == ICMPV6_ECHO_REQUEST ? ICMPV6_ECHO_REQUEST + 1 : request;
        }
        return request == 8 ? 0 : request + 1;
    }

    static Map<String, Object> statistics(NatStatistics statistics) {
        return Documents.ordered("sessions", statistics.sessions(), "capacity", statistics.capacity(), "mappings", statistics.mappings(),
            "opened", statistics.opened(), "expired", statistics.expired(), "removed", statistics.removed(), "evicted",
            statistics.evicted(), "refused", statistics.refused(), "reusedPorts", statistics.reusedPorts());
    }

    static Map<String, Object> published(PublishedView published) {
        Map<String, Object> document =
            Documents.ordered("bindings", published.bindings().stream().map(FlowDocuments::binding).toList());
        published.note().ifPresent(note -> document.put("note", note));
        return document;
    }

    /** A binding. */
    public static Map<String, Object> binding(BindingView line) {
        return Documents.ordered("network", line.network(), "name", line.endpoint(), "protocol", line.protocol().label(), "hostIp",
            line.address().toString(), "hostPort", line.hostPort(), "containerPort", line.containerPort(), "count", line.count());
    }

    static Map<String, Object> rule(NatRuleView rule) {
        Map<String, Object> document = Documents.ordered("chain", rule.chain().name(), "target", rule.target().name(), "network",
            rule.network(), "packets", rule.packets(), "bytes", rule.bytes());
        rule.protocol().ifPresent(protocol -> document.put("protocol", protocol.label()));
        rule.out().ifPresent(out -> document.put("out", out));
        document.put("source", rule.source().toString());
        document.put("destination", rule.destination().toString());
        rule.ports().ifPresent(ports -> document.put("destinationPorts", ports.toString()));
        rule.to().ifPresent(to -> document.put("to", to));
        return document;
    }
}
