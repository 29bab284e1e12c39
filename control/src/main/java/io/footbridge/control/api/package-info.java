/**
 * The control API: HTTP/1.1 with JSON over a UNIX socket of mode 0600.
 *
 * <p>One event loop reads and writes; requests are carried out by a few threads behind a bounded queue, captures by one
 * thread each, bounded too ({@code RequestThreads}). A client is cut off when it is silent where it should speak or does
 * not take its answer, when it sends more than a request may hold, and when it pipelines; none of that touches the
 * service's lock, which is held only while a complete request is carried out.
 *
 * <p>Answers have the names of the tools that are imitated: {@code docker network inspect}, {@code bridge -j fdb},
 * {@code ip -j neigh}; lowerCamel else. A refusal is {@code {"message": "..."}} with a status that says whose fault it is.
 */
package io.footbridge.control.api;
