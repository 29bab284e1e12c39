package io.footbridge.control.slirp;

import io.footbridge.control.config.DocumentReader;
import io.footbridge.control.config.Json;
import io.footbridge.control.config.Node;
import io.footbridge.control.config.Node.Scalar.Kind;
import io.footbridge.control.model.RefusedException;
import io.footbridge.wire.Ipv4Address;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SequencedMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the API socket is asked and answers, with slirp4netns's words: {@code add_hostfwd}, {@code list_hostfwd},
 * {@code remove_hostfwd}. One thread.
 */
final class ApiRequests {
    private static final Logger LOG = LoggerFactory.getLogger(ApiRequests.class);
    private static final int MAX_PORT = 65_535;

    private final HostForwarding forwarding;
    private final Ipv4Address guest;
    private final SequencedMap<Integer, Entry> entries = new LinkedHashMap<>();
    private int lastId;

    private record Entry(HostForward forward, HostForwarding.Opened opened) {
    }

    /** A request that cannot be served; the message is slirp4netns's description. */
    private static final class BadRequest extends Exception {
        private static final long serialVersionUID = 1L;

        BadRequest(String description) {
            super(description, null, false, false);
        }
    }

    /**
     * @param forwarding where ports are opened
     * @param guest where they lead if a request does not say
     */
    ApiRequests(HostForwarding forwarding, Ipv4Address guest) {
        this.forwarding = forwarding;
        this.guest = guest;
    }

    /** What a request is answered, whatever it holds. */
    String answer(byte[] request) {
        try {
            return serve(request);
        } catch (BadRequest bad) {
            return error(bad.getMessage());
        }
    }

    /** What is answered to a request that does not fit. */
    static String tooLarge() {
        return error("too large message");
    }

    private String serve(byte[] request) throws BadRequest {
        String document = new String(request, StandardCharsets.UTF_8);
        Node root;
        try {
            if (document.isBlank()) {
                throw new BadRequest("cannot parse JSON");
            }
            root = DocumentReader.json(document);
        } catch (RefusedException unreadable) {
            throw new BadRequest("cannot parse JSON");
        }
        if (!(root instanceof Node.Mapping(int _, Map<String, Node> members, Map<String, Integer> _))) {
            throw new BadRequest("json_object() failed");
        }
        String execute = text(members, "execute").orElseThrow(() -> new BadRequest("no execute found"));
        Map<String, Node> arguments =
            members.get("arguments") instanceof Node.Mapping(int _, Map<String, Node> given, Map<String, Integer> _) ? given : Map.of();
        return switch (execute) {
            case "add_hostfwd" -> add(arguments);
            case "list_hostfwd" -> list();
            case "remove_hostfwd" -> remove(arguments);
            default -> throw new BadRequest("unknown execute");
        };
    }

    private String add(Map<String, Node> arguments) throws BadRequest {
        boolean udp = switch (text(arguments, "proto").orElse("")) {
            case "udp" -> true;
            case "tcp" -> false;
            default -> throw badArgument("add_hostfwd", "proto");
        };
        Ipv4Address hostAddress = address(arguments, "host_addr", Ipv4Address.UNSPECIFIED);
        int hostPort = port(arguments, "host_port");
        Ipv4Address guestAddress = address(arguments, "guest_addr", guest);
        int guestPort = port(arguments, "guest_port");
        HostForward forward = new HostForward(udp, hostAddress, hostPort, guestAddress, guestPort);
        HostForwarding.Opened opened;
        try {
            opened = forwarding.open(forward);
        } catch (IOException | RuntimeException refused) {
            // Whatever it is, the next request is another's.
            LOG.warn("{}", refused.getMessage());
            throw new BadRequest("add_hostfwd: slirp_add_hostfwd failed");
        }
        entries.put(++lastId, new Entry(forward, opened));
        return Json.write(Map.of("return", Map.of("id", lastId)));
    }

    /** As slirp4netns answers, and as its manual says that it does. */
    private String list() {
        List<Map<String, Object>> list = new ArrayList<>();
        entries.forEach((id, entry) -> {
            HostForward forward = entry.forward();
            Map<String, Object> members = new LinkedHashMap<>();
            members.put("id", id);
            members.put("proto", forward.protocol());
            members.put("host_addr", forward.hostAddress());
            members.put("host_port", forward.hostPort());
            members.put("guest_addr", forward.guestAddress());
            members.put("guest_port", forward.guestPort());
            list.add(members);
        });
        Map<String, Object> answer = new LinkedHashMap<>();
        answer.put("return", Map.of("entries", list));
        answer.put("entries", list);
        return Json.write(answer);
    }

    private String remove(Map<String, Node> arguments) throws BadRequest {
        Entry entry = entries.remove(number(arguments, "id"));
        if (entry == null) {
            throw badArgument("remove_hostfwd", "id");
        }
        entry.opened().close();
        return "{\"return\":{}}";
    }

    private static Ipv4Address address(Map<String, Node> arguments, String name, Ipv4Address otherwise) throws BadRequest {
        Optional<String> text = text(arguments, name).filter(given -> !given.isEmpty());
        if (text.isEmpty()) {
            return otherwise;
        }
        try {
            return Ipv4Address.parse(text.get());
        } catch (IllegalArgumentException wrong) {
            throw badArgument("add_hostfwd", name);
        }
    }

    private static int port(Map<String, Node> arguments, String name) throws BadRequest {
        int port = number(arguments, name);
        if (port < 1 || port > MAX_PORT) {
            throw badArgument("add_hostfwd", name);
        }
        return port;
    }

    private static Optional<String> text(Map<String, Node> object, String name) {
        return object.get(name) instanceof Node.Scalar(int _, Kind kind, String text) && kind == Kind.TEXT
            ? Optional.of(text) : Optional.empty();
    }

    /** A number without its fraction, 0 where there is none; texts are no numbers. */
    private static int number(Map<String, Node> object, String name) {
        return object.get(name) instanceof Node.Scalar(int _, Kind kind, String text)
            && (kind == Kind.WHOLE || kind == Kind.FRACTION) ? (int) Double.parseDouble(text) : 0;
    }

    private static BadRequest badArgument(String execute, String name) {
        return new BadRequest(execute + ": bad arguments." + name);
    }

    private static String error(String description) {
        return Json.write(Map.of("error", Map.of("desc", "bad request: " + description)));
    }
}
