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
                new FootbridgeSocketsMode(false), new FootbridgeSocketsMode(true), new FootbridgeRunMode(), new ProxyMode.Docker(),
                new ProxyMode.Socat(),
                new SlirpMode(), new PastaMode(), new OpenVSwitchMode());
    }
}
