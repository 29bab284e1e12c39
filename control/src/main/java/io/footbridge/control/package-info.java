/**
 * The program: where the JVM is entered, and the parts around the engine.
 *
 * <pre>
 *   cli ──HTTP over a UNIX socket──▶ api ─▶ network ─▶ edge ─▶ tap (devices, namespaces)
 *                                             │  └───▶ dataplane (bridges, ports)
 *   daemon starts and stops api, network, edge and engine;  config reads files and requests into model
 * </pre>
 */
package io.footbridge.control;
