/**
 * Where a mode stands: namespaces, programs and files of its own, and how all of it goes again.
 *
 * <h2>Theory of operation</h2>
 *
 * <p><b>Nothing has a name.</b> A {@link io.footbridge.bench.site.Namespace} is held by a descriptor of this process and named
 * by its path under {@code /proc/PID/fd}. All links of a mode are made inside such namespaces. So no name can be in use
 * already, nothing of the machine's own network is touched, and when this process ends, in whatever way, the kernel removes
 * namespaces and links.
 *
 * <p><b>Programs</b> are started with the wish to be killed when bench dies (PR_SET_PDEATHSIG, by setpriv). The kernel ties that
 * to the thread that started them: all are started by the main thread, which lives longest. What remains to be done by hand
 * is to end programs in good order and to delete the folder; a {@link io.footbridge.bench.site.Site} does both when it is
 * closed, whether the rounds are over or somebody pressed Ctrl-C. A program is started under the same lock that closing
 * takes, so that none slips through.
 *
 * <p><b>Processor time</b> is read from {@code /proc/stat} for the machine and from {@code /proc/PID/stat} for a data plane's
 * own processes, their children included ({@link io.footbridge.bench.site.ProcessorTime}).
 */
package io.footbridge.bench.site;
