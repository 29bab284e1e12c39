package io.footbridge.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Open vSwitch with its user-space datapath over veth pairs, TSO on: processes, database and sockets of its own in a
 * temporary folder.
 */
final class OpenVSwitchBed extends TestBed {
    private static final String BRIDGE = "fbobr0";

    private Path folder;
    private Process database;
    private Process daemon;
    private int hosts;

    OpenVSwitchBed() {
        super("Open vSwitch, user space", "fbo", "10.215.0");
    }

    static boolean isInstalled() {
        return Commands.exists("ovs-vswitchd") && Commands.exists("ovsdb-server");
    }

    @Override
    void begin() throws IOException {
        folder = Files.createTempDirectory("footbridge-ovs");
        Commands.run("ovsdb-tool", "create", folder + "/conf.db", "/usr/share/openvswitch/vswitch.ovsschema");
        database = start("ovsdb-server", folder + "/conf.db", "--remote=punix:" + socket(), "--unixctl=" + folder + "/db.ctl",
                "--log-file=" + folder + "/db.log", "-vconsole:off");
        await(folder.resolve("db.sock"));
        vsctl("--no-wait", "init");
        vsctl("--no-wait", "set", "Open_vSwitch", ".", "other_config:userspace-tso-enable=true");
        daemon = start("ovs-vswitchd", "unix:" + socket(), "--unixctl=" + folder + "/vs.ctl",
                "--log-file=" + folder + "/vs.log", "-vconsole:off");
        vsctl("add-br", BRIDGE, "--", "set", "bridge", BRIDGE, "datapath_type=netdev");
    }

    private Process start(String... command) throws IOException {
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true)
                .redirectOutput(folder.resolve(command[0] + ".out").toFile());
        builder.environment().put("OVS_RUNDIR", folder.toString());
        return builder.start();
    }

    private static void await(Path file) throws IOException {
        long end = System.nanoTime() + 10_000_000_000L;
        while (!Files.exists(file)) {
            if (System.nanoTime() - end > 0) {
                throw new IOException("Open vSwitch did not start: no " + file);
            }
            java.util.concurrent.locks.LockSupport.parkNanos(10_000_000);
        }
    }

    private void vsctl(String... arguments) throws IOException {
        String[] command = new String[arguments.length + 3];
        command[0] = "ovs-vsctl";
        command[1] = "--db=unix:" + socket();
        command[2] = "--timeout=20";
        System.arraycopy(arguments, 0, command, 3, arguments.length);
        Commands.run(command);
    }

    private String socket() {
        return folder + "/db.sock";
    }

    @Override
    void join(int host) throws IOException {
        vsctl("add-port", BRIDGE, veth(host));
        configure(host);
        hosts = host + 1;
    }

    @Override
    void end() {
        Commands.end(daemon);
        Commands.end(database);
        for (int i = 0; i < hosts; i++) {
            Commands.attempt("ip link del " + prefix() + "v" + i);
        }
        Commands.attempt("ip link del " + BRIDGE);
        Commands.attempt("ip link del ovs-netdev");
        Commands.attempt("rm -rf " + folder);
    }
}
