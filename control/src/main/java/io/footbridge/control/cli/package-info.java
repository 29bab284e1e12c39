/**
 * The command line, by picocli: one class per command, or per group of small ones.
 *
 * <p>A command puts its options into a request, sends it to the daemon and prints the answer
 * ({@code ClientCommand}); defaults and judgement are the daemon's. Texts have the forms of docker, bridge and ip
 * ({@code Listings}). Whatever goes wrong is one line on standard error: exit code 1, or 2 where the command line itself
 * is wrong.
 */
package io.footbridge.control.cli;
