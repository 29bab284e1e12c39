/**
 * Network namespaces, held by descriptor and entered by threads that end at once.
 *
 * <p><b>Which thread.</b> The kernel keeps a network namespace per thread, and a thread gives its own to whatever it
 * starts: other threads, child processes, the carriers of the first virtual threads, a library's background thread that
 * happens to be born there. A pooled thread that moved would therefore spread into places nobody looks at, and each of
 * them would keep the foreign namespace alive for ever. So every entry is a platform thread of its own that moves, does
 * one thing and ends ({@link io.footbridge.tap.namespace.NetworkNamespace#call}). It costs about a millisecond, and
 * nothing on the frame path ever needs it. What runs there starts no thread and no process.
 *
 * <p><b>What keeps a namespace alive.</b> A thread in it, a bind mount such as those of {@code ip netns}, a descriptor of
 * it, and every socket or tun descriptor opened inside. A descriptor held here is thus a way to keep a namespace on
 * purpose (our private one) and a leak everywhere else: hold it while configuring, then close it, so that the
 * container's end takes its interfaces with it.
 *
 * <p><b>What can be asked of a path.</b> {@code /run/netns/NAME} is an empty file before its mount and after its end,
 * so opening is not enough: a descriptor counts as a network namespace only if the kernel says that it is one.
 *
 * <p><b>Settings under /proc/sys/net</b> show the namespace of the thread that looks, not of the process; they are read
 * and written by such a thread too.
 */
package io.footbridge.tap.namespace;
