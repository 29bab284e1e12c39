/**
 * What the AOT caches are trained with beside what a program does as it starts: traffic. A cache holds the profiles of the
 * methods that were compiled in its training run, by which they are compiled at their first calls in service, without a
 * thousand slow ones before.
 */
package io.footbridge.control.training;
