/**
 * Measurements of Airpost on this machine, each a command of {@code airpost bench}.
 *
 * <p>A measurement starts what it measures, prints what it found with its unit and the number of tries, and where there is
 * something to compare with, measures that in the same run and prints the ratio. Nothing here is run by the tests, whose
 * machine is shared; figures in the documents name the command that repeats them. May import every room. {@link
 * org.airpost.bench.BenchStart} is the first one to read.
 */
@NullMarked
package org.airpost.bench;

import org.jspecify.annotations.NullMarked;
