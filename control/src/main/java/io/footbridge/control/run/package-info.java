/**
 * {@code footbridge run}, as far as it is the JVM's: the network of one COMMAND.
 *
 * <p>The launcher's process becomes COMMAND; this JVM is its background, started by the script {@code engine} inside
 * COMMAND's user namespace but in the host's network and mount namespaces. So threads of it may enter COMMAND's network
 * namespace, while its sockets are the host's and it reads the host's resolv.conf.
 *
 * <p>Order of start: COMMAND's process is held by a pidfd, state directory, devices' edge, engine, network, COMMAND's
 * interface, what is published; then the launcher hears {@code ready} over the pipe that it lent, and COMMAND starts. Whatever
 * COMMAND does not wait for comes after: the control socket {@code run-PID.sock}, and warming up.
 *
 * <p>The end is COMMAND's: then whatever it left in its network namespace is killed, and all is taken down in the reverse
 * order. If this process ends before, COMMAND goes on without a network, and the script says so.
 */
package io.footbridge.control.run;
