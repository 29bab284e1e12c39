/**
 * DHCP and DHCPv6: a container that asks is told the address that it was attached with.
 *
 * <p>Nothing is allocated here and nothing remembered: an endpoint has its address from the moment it was attached until it
 * is detached, whether or not it asks. So a lease only says so, for a day at a time, and who asks for another address is told
 * no. Each server is a function from a {@link io.footbridge.control.dhcp.Lease} and a message to an answer, for any thread;
 * messages are hostile until the codecs in {@code wire} have checked them, and a server says nothing to what it does not
 * understand.
 */
package io.footbridge.control.dhcp;
