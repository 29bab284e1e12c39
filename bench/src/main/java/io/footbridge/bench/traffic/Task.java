package io.footbridge.bench.traffic;

import java.io.IOException;
import java.net.InetSocketAddress;

/**
 * What a client is to do.
 *
 * @param kind the traffic
 * @param address where the responder is reached, as a literal
 * @param port its port
 * @param streams how many connections at once
 * @param payload bytes of UDP payload, where datagrams are sent
 * @param perSecond requests a second, where the rate is fixed
 * @param nanos how long; of a search, how long each trial
 */
public record Task(Kind kind, String address, int port, int streams, int payload, int perSecond, long nanos) {
    /** The traffic. */
    public enum Kind {
        /** Bulk TCP to the responder: bit/s received. */
        STREAM,
        /** Bulk TCP from the responder: bit/s received. */
        STREAM_BACK,
        /** Datagrams as fast as they can be sent: bit/s of payload received. */
        DATAGRAMS,
        /** The highest rate of datagrams of which at most one in a thousand is lost: datagrams a second. */
        FRAME_RATE,
        /** One byte there and back at a fixed rate: the median in nanoseconds, and a histogram. */
        ROUND_TRIPS,
        /** Connect, one byte there, one byte back, close: how many a second. */
        CONNECTIONS,
        /** GET over connections that stay, answers of 1 kB: how many a second. */
        HTTP
    }

    /** Does it, with sockets made at a place. */
    Outcome run(Place place, Channels channels) throws IOException {
        return switch (kind) {
            case STREAM -> Streams.run(this, place, channels, false);
            case STREAM_BACK -> Streams.run(this, place, channels, true);
            case DATAGRAMS -> Datagrams.flood(this, place, channels);
            case FRAME_RATE -> Datagrams.search(this, place, channels);
            case ROUND_TRIPS -> RoundTrips.run(this, place, channels);
            case CONNECTIONS -> Connections.run(this, place, channels);
            case HTTP -> HttpRequests.run(this, place, channels);
        };
    }

    InetSocketAddress target() {
        return new InetSocketAddress(address, port);
    }
}
