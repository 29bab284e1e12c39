/**
 * The DNS server at a network's gateway.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>A {@link io.footbridge.control.dns.DnsServer} answers messages, however they came: by UDP from the engine's gateway
 * services, or over TCP from a listener on the host's loopback ({@link io.footbridge.control.dns.TcpDnsServer}), one for each
 * network, to which the engine leads containers' connections. Which network asks decides what is known: a
 * {@link io.footbridge.control.dns.Zone} is an immutable picture of one network's names.
 *
 * <p><b>What is answered here</b>: A, AAAA and ANY for an endpoint's name, its aliases, and each of them with the network's
 * name behind it, in any case; for other types such a name has no data. Several endpoints that share an alias are told in
 * turns. PTR for an address in the network's subnets: the endpoint's name, or that there is none. Nothing is kept for longer
 * than a few seconds, so that names follow their endpoints.
 *
 * <p><b>Everything else</b> goes to the host's servers ({@link io.footbridge.control.dns.ResolvConf},
 * {@link io.footbridge.control.dns.UpstreamResolver}), each question by a socket of its own with a port that the kernel draws
 * and an identifier drawn here; EDNS goes through as it is. An answer counts only if it comes from the server that was asked,
 * with that identifier and that question. A truncated one is asked for again over TCP. A server that does not answer within
 * two seconds, or not usefully, is followed by the next; for a while after that it comes last. All of this is asynchronous, on
 * one event loop, and bounded: so many questions at once, so much time for each. An internal network's other questions fail,
 * as docker's do.
 *
 * <p>An answer that is longer than the asker takes, by EDNS or without it, is replaced by one that says so, and the asker
 * comes again over TCP.
 */
package io.footbridge.control.dns;
