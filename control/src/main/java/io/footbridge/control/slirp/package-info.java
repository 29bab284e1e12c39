/**
 * A drop-in for slirp4netns: its command line, its descriptors, its API socket, on our engine.
 *
 * <h2>Theory of operation</h2>
 *
 * <p><b>What a client relies on</b>: the process that it starts is the one that serves, under the same process id from start
 * to end; {@code --ready-fd} gets exactly {@code 1} once everything stands; a hang-up of {@code --exit-fd} ends the process
 * with 0; the API socket answers each connection with one write; the target sees a gateway at its network's second address
 * and a DNS server at the third. Errors in the command line have slirp4netns's own words; whatever goes wrong later is one
 * line with a cure.
 *
 * <p><b>Namespaces.</b> The JVM cannot enter a user namespace, since it has threads, so the launcher enters the target's
 * before it starts Java (launcher/slirp4netns). A short-lived thread enters the network namespace, opens the TAP there and
 * sets it up ({@link io.footbridge.control.slirp.GuestTap}). Everything else stays outside, with the host's sockets.
 *
 * <p><b>Two stages.</b> Rights are a thread's, and a JVM has threads that nobody can ask to lay theirs down. So with
 * {@code --enable-sandbox} the first JVM opens what needs rights (TAP, API socket, the target's pidfd), then one of its
 * threads makes the mount namespace, gives the rights up and executes the second JVM, which inherits the descriptors and in
 * which every thread is born without them ({@link io.footbridge.control.slirp.Sandbox}). Without the option the first JVM goes
 * on by itself. With {@code --enable-seccomp} the last stage filters the system calls of all its threads just before it says
 * that it is ready ({@link io.footbridge.control.slirp.SeccompFilter}).
 *
 * <p><b>The sandbox's root</b> is an empty, read-only tmpfs with the host's {@code /etc} and {@code /run}, read-only, for
 * resolv.conf; {@code /footbridge} has what a JVM needs to start (JDK, program, the C library's directory), read-only as
 * well. There is no {@code /proc}: nothing of the second stage needs it.
 *
 * <p><b>The end.</b> A TAP's descriptor that was opened inside a network namespace keeps that namespace alive, so the target's
 * end is looked for: by pidfd where the target is a process, by looking at the path once a second where it is a file
 * ({@link io.footbridge.control.slirp.Endings}).
 */
package io.footbridge.control.slirp;
