package io.footbridge.dataplane;

/** {@link PortSettings} in the form in which the frame path asks for them. Replaced as a whole. */
final class PortPolicy {
    private static final int ERRORS_PER_SECOND = 100;
    private static final int ERRORS_BURST = 50;

    final int mtu;
    final boolean hairpin;
    final boolean isolated;
    final boolean host;
    final boolean container;
    /** Null where anyone may send. */
    final SourceCheck sourceCheck;
    /** Null where there is no limit. */
    final RateLimit storm;
    /** ICMP errors that may be sent to this port. */
    final RateLimit errors;

    private final PortSettings settings;

    PortPolicy(PortSettings settings, long now) {
        this.settings = settings;
        mtu = settings.mtu();
        hairpin = settings.hairpin();
        isolated = settings.isolated();
        host = settings.role() == PortRole.HOST;
        container = settings.role() == PortRole.CONTAINER;
        sourceCheck = settings.source().map(SourceCheck::new).orElse(null);
        storm = settings.stormLimit() > 0 ? new RateLimit(settings.stormLimit(), settings.stormLimit(), now) : null;
        errors = newErrorLimit(now);
    }

    PortSettings settings() {
        return settings;
    }

    /** 100 ICMP errors a second, in bursts of 50. */
    static RateLimit newErrorLimit(long now) {
        return new RateLimit(ERRORS_PER_SECOND, ERRORS_BURST, now);
    }
}
