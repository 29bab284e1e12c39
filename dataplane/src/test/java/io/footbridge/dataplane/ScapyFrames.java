package io.footbridge.dataplane;

import static java.lang.foreign.ValueLayout.JAVA_BYTE;

import java.io.BufferedReader;
import java.io.BufferedWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.net.URISyntaxException;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.opentest4j.TestAbortedException;

/**
 * Frames that scapy makes, and scapy's judgement of ours: a second opinion that shares no code with us. One Python
 * process that a test class keeps (scapy_frames.py); one thread at a time.
 *
 * <p>A frame is written as scapy writes it:
 * {@code Ether(src='…',dst='…')/IP(src='10.0.2.10',dst='203.0.113.5')/UDP(sport=4000,dport=53)/b'hello'}.
 */
final class ScapyFrames implements AutoCloseable {
    /** The interpreter that Debian's python3-scapy is installed for. */
    private static final Path PYTHON = Path.of("/usr/bin/python3");
    private static final HexFormat HEX = HexFormat.of();

    private final Process process;
    private final BufferedWriter requests;
    private final BufferedReader answers;

    private ScapyFrames(Process process) {
        this.process = process;
        this.requests = process.outputWriter();
        this.answers = process.inputReader();
    }

    /** Starts it; the test is skipped where scapy is not installed. */
    static ScapyFrames start() {
        if (!Files.isExecutable(PYTHON)) {
            throw new TestAbortedException("no " + PYTHON + ": install python3-scapy");
        }
        try {
            URL script = ScapyFrames.class.getResource("scapy_frames.py");
            ScapyFrames scapy = new ScapyFrames(new ProcessBuilder(PYTHON.toString(), "-I",
                    Path.of(script.toURI()).toString()).start());
            String reason = scapy.failure();
            if (!reason.isEmpty()) {
                scapy.close();
                if (reason.contains("No module named 'scapy'")) {
                    throw new TestAbortedException("scapy is not installed: install python3-scapy");
                }
                throw new AssertionError(reason);
            }
            return scapy;
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        } catch (URISyntaxException impossible) {
            throw new AssertionError(impossible);
        }
    }

    /** Why it does not answer; empty when it does. */
    private String failure() {
        try {
            ask("build", "Raw(b'hello')");
            return "";
        } catch (UncheckedIOException ended) {
            return ended.getCause().getMessage();
        }
    }

    /** The frame that an expression of scapy's makes; its virtio-net header says nothing, unless it is an Offload. */
    MemorySegment frame(String expression) {
        List<MemorySegment> all = frames(expression);
        if (all.size() != 1) {
            throw new AssertionError(all.size() + " frames of " + expression);
        }
        return all.getFirst();
    }

    /** The frames that an expression of scapy's makes, a packet or a list. */
    List<MemorySegment> frames(String expression) {
        return ask("build", expression).stream().map(ScapyFrames::segment).toList();
    }

    /** How scapy reads a frame. */
    Dissection dissect(MemorySegment frame) {
        return new Dissection(frame, ask("judge", HEX.formatHex(frame.toArray(JAVA_BYTE))));
    }

    private List<String> ask(String verb, String argument) {
        if (argument.indexOf('\n') >= 0 || argument.indexOf('\t') >= 0) {
            throw new IllegalArgumentException("one line without tabs expected: " + argument);
        }
        try {
            requests.write(verb + '\t' + argument + '\n');
            requests.flush();
            String line = answers.readLine();
            if (line == null) {
                throw new IOException("python3 has ended: " + errors());
            }
            List<String> answer = Arrays.asList(line.split("\t"));
            if (!answer.getFirst().equals("ok")) {
                throw new AssertionError(String.join(" ", answer) + " in: " + argument);
            }
            return answer.subList(1, answer.size());
        } catch (IOException failed) {
            throw new UncheckedIOException(failed);
        }
    }

    private String errors() throws IOException {
        return process.errorReader().lines().reduce("", (above, line) -> above + line + '\n').strip();
    }

    private static MemorySegment segment(String hex) {
        byte[] bytes = HEX.parseHex(hex);
        MemorySegment frame = Arena.ofAuto().allocate(bytes.length);
        return frame.copyFrom(MemorySegment.ofArray(bytes));
    }

    @Override
    public void close() {
        try {
            requests.close();
        } catch (IOException alreadyEnded) {
            // Then there is nobody to tell.
        }
        process.destroy();
    }
}
