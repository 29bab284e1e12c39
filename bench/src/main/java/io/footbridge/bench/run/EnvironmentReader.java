package io.footbridge.bench.run;

import io.footbridge.bench.result.Environment;
import io.footbridge.bench.site.Programs;
import io.footbridge.control.cli.Texts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** Reads what the figures depend on: kernel, processor, mitigations, congestion control, versions, offloads. */
final class EnvironmentReader {
    private static final Pattern MODEL = Pattern.compile("(?m)^model name\\s*:\\s*(.*)$");
    private static final Pattern MEMORY = Pattern.compile("MemTotal:\\s*([0-9]+) kB");
    private static final Pattern NAME = Pattern.compile("(?m)^PRETTY_NAME=\"?([^\"\n]*)");
    private static final Path MITIGATIONS = Path.of("/sys/devices/system/cpu/vulnerabilities");
    private static final String UNKNOWN = "unknown";

    /** How each tool is asked for its version. */
    private static final Map<String, String> TOOLS = versions();

    private EnvironmentReader() {
    }

    private static Map<String, String> versions() {
        Map<String, String> tools = new LinkedHashMap<>();
        tools.put("iperf3", "--version");
        tools.put("nft", "--version");
        tools.put("docker-proxy", "--version");
        tools.put("socat", "-V");
        tools.put("slirp4netns", "--version");
        tools.put("pasta", "--version");
        tools.put("ovs-vswitchd", "--version");
        return tools;
    }

    static Environment read() {
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("footbridge", Texts.version());
        facts.put("java", System.getProperty("java.vm.name") + " " + Runtime.version());
        facts.put("kernel", file("/proc/sys/kernel/osrelease"));
        facts.put("system", first(NAME, file("/etc/os-release")));
        facts.put("processor", first(MODEL, file("/proc/cpuinfo")) + ", " + Runtime.getRuntime().availableProcessors() + " processors");
        facts.put("memory", memory());
        facts.put("virtual machine", file("/proc/cpuinfo").contains("hypervisor") ? "yes" : "no");
        facts.put("mitigations", mitigations());
        facts.put("TCP congestion control", file("/proc/sys/net/ipv4/tcp_congestion_control"));
        facts.put("tcp_rmem, tcp_wmem", file("/proc/sys/net/ipv4/tcp_rmem") + "; " + file("/proc/sys/net/ipv4/tcp_wmem"));
        facts.put("default queueing discipline", file("/proc/sys/net/core/default_qdisc"));
        facts.put("offloads", "as the kernel sets them on veth, TAP and loopback: checksum and segmentation offload on, GRO off");
        TOOLS.forEach((tool, option) -> Programs.find(tool).ifPresent(path -> facts.put(tool, version(path, option))));
        return new Environment(facts);
    }

    private static String memory() {
        String kilobytes = first(MEMORY, file("/proc/meminfo"));
        return kilobytes.equals(UNKNOWN) ? kilobytes : Math.round(Long.parseLong(kilobytes) / 1048576.0) + " GiB";
    }

    private static String mitigations() {
        try (Stream<Path> files = Files.list(MITIGATIONS)) {
            TreeSet<String> active = new TreeSet<>();
            for (Path file : files.toList()) {
                String state = Files.readString(file).strip();
                if (!state.startsWith("Not affected")) {
                    active.add(file.getFileName() + ": " + state);
                }
            }
            return active.isEmpty() ? "none needed" : String.join("; ", active);
        } catch (IOException unreadable) {
            return UNKNOWN;
        }
    }

    private static String version(Path tool, String option) {
        try {
            String output = Programs.run(List.of(tool.toString(), option));
            return output.lines().filter(line -> line.matches(".*[0-9]+\\.[0-9].*")).findFirst().orElse("installed").strip();
        } catch (IOException silent) {
            return "installed";
        }
    }

    private static String file(String path) {
        try {
            return Files.readString(Path.of(path)).strip().replace('\t', ' ');
        } catch (IOException unreadable) {
            return UNKNOWN;
        }
    }

    private static String first(Pattern pattern, String text) {
        Matcher matcher = pattern.matcher(text);
        return matcher.find() ? matcher.group(1).strip() : UNKNOWN;
    }
}
