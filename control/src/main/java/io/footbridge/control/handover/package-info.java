/**
 * Ports that front ends hand over: {@code bin/docker-proxy} asks, this daemon serves.
 *
 * <h2>Theory of operation</h2>
 *
 * <p>dockerd starts one docker-proxy for each port and watches it as a process. A shell script is a small process; it has
 * no sockets, but it can write a line into a named pipe. So in the daemon's state directory, which is its user's alone,
 * lie three files ({@link io.footbridge.control.handover.HandOverFiles}): {@code requests}, a named pipe that the daemon
 * reads; {@code alive}, one that the daemon holds open for writing and never writes to, so that whoever reads it
 * sees its end when the daemon ends, however that comes; and {@code daemon}, which names the daemon's process and when that
 * started, so that a front end knows without waiting whether anybody is there.
 *
 * <p><b>A request</b> is one line, shorter than what a pipe takes at once: {@code serve PID new|again WORD...} with
 * docker-proxy's arguments, or {@code end PID}. The daemon opens a pidfd, and believes the number only if that process
 * holds {@code alive} open as its descriptor 5; a line may be old, and a number may have been given to another since.
 * It copies the process's descriptors 3 and 4 (pidfd_getfd), opens the relay, says on 3 how it went, and watches the pidfd:
 * when the front end ends, so does its port.
 *
 * <p><b>Answers are signals</b>: USR1, served; USR2, end; ALRM, serve it yourself, for a process in another network
 * namespace, one whose descriptors the system does not let us copy, or one for which the daemon has no descriptors left: some are
 * kept back for saying that ({@link io.footbridge.tap.SpareDescriptors}). A shell notices a signal late if it comes
 * just before it begins to read, so each is sent again until it shows an effect or a while has passed: a front end that
 * is served closes its descriptor 3, and the daemon looks before it says so again, because that wakes nobody; one that is to serve
 * itself no longer catches the signal once it has noticed, which /proc tells ({@link io.footbridge.control.handover.Declined}). A front end
 * that is told to end says {@code end} first and goes when its port is closed, so that who waits for it can bind the port
 * at once.
 *
 * <p><b>After a daemon's end</b> the front ends wait, look for a daemon once a second, and ask again. Nobody reads a status
 * then; a port that cannot be had is tried again every second.
 *
 * <p><b>What a front end costs</b> is what the dynamic linker and the shell write at their start, 100 KiB, and what the shell keeps:
 * its functions and the first 8 KiB of its file, by pages. So the script is shorter than a page, what it does once is in no
 * function, and it ends with the loop in which it waits.
 *
 * <p>One thread does all of this, by epoll. Relays run on the proxy's own loops.
 */
package io.footbridge.control.handover;
