/**
 * What people read of a run: tables for the terminal ({@link io.footbridge.bench.report.TerminalReport}) and one page of HTML
 * that needs nothing else ({@link io.footbridge.bench.report.HtmlPage}).
 *
 * <h2>Theory of operation</h2>
 *
 * <p>Both are made of a {@link io.footbridge.bench.result.Run} alone, so a page can be made of a result file at any time. The page is
 * a template (page.html beside the classes, with its style) with places that are filled with escaped text and inline SVG. Bars
 * stretch to the width that there is while names and values stay text beside them, so that a phone shows the same as a desk;
 * colours are variables of the style, one set for light and one for dark.
 *
 * <p>Round trips are drawn over HdrHistogram's scale: equal steps for 90 %, 99 %, 99.9 %, so that the tail is not hidden.
 */
package io.footbridge.bench.report;
