/**
 * Documents: YAML configuration files and JSON requests and answers.
 *
 * <p>Both are read from Jackson's stream into one small tree that knows its lines
 * ({@link io.footbridge.control.config.Node}), and from there by the same readers: a network or endpoint has the same
 * names in a file, in a request and on the command line. Reading is strict: what is unknown, of the wrong type or there
 * twice is refused with its path, its line and what was expected, and nothing is guessed
 * ({@link io.footbridge.control.config.Fields}). Data binding would be shorter and would lose the lines, and it takes
 * longer to load than a whole command.
 */
package io.footbridge.control.config;
