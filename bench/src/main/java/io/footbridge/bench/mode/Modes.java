package io.footbridge.bench.mode;

import java.util.List;

/** All modes, in the order of tables. */
public final class Modes {
    private Modes() {
    }

    /** Those of a run that names none. The first is what the others are compared with. */
    public static List<Mode> all() {
        return List.of(new HostMode(), new VethMode(), new KernelBridgeMode(), new KernelNatMode(), new FootbridgeBridgeMode(true),
                new FootbridgeBridgeMode(false), new FootbridgeFramesMode(false), new FootbridgeFramesMode(true),
                new FootbridgeSocketsMode(false), new FootbridgeSocketsMode(true), new ProxyMode.Docker(true), new FootbridgeRunMode(),
                new SlirpMode(true), new ProxyMode.Docker(false), new ProxyMode.Socat(), new SlirpMode(false), new PastaMode(),
                new OpenVSwitchMode());
    }
}
