package org.airpost.bench;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Times of one thing that was done again and again. For several threads. */
final class Times {

    private final List<Long> nanos = new ArrayList<>();

    synchronized void add(long nanoseconds) {
        nanos.add(nanoseconds);
    }

    synchronized int count() {
        return nanos.size();
    }

    /** The time that so many per cent of all do not exceed. */
    synchronized Duration percentile(double percent) {
        if (nanos.isEmpty()) {
            throw new IllegalStateException("nothing was measured");
        }
        var sorted = nanos.stream().sorted().toList();
        int at = (int) Math.ceil(percent / 100 * sorted.size()) - 1;
        return Duration.ofNanos(sorted.get(Math.max(0, at)));
    }

    /** In a line: number, median, 99 % and the longest, in milliseconds. */
    String line() {
        return String.format(
                Locale.ROOT,
                "n %d, p50 %.1f ms, p99 %.1f ms, longest %.1f ms",
                count(),
                millis(percentile(50)),
                millis(percentile(99)),
                millis(percentile(100)));
    }

    static double millis(Duration time) {
        return time.toNanos() / 1e6;
    }
}
