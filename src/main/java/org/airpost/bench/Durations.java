package org.airpost.bench;

import java.util.ArrayList;
import java.util.List;

/** Times that were measured, in nanoseconds. For several threads. */
final class Durations {

    private final List<Long> nanos = new ArrayList<>();

    synchronized void add(long one) {
        nanos.add(one);
    }

    synchronized int size() {
        return nanos.size();
    }

    /** The time that this share of all times does not exceed, in milliseconds. */
    synchronized double millis(double share) {
        var sorted = nanos.stream().sorted().toList();
        int at = Math.clamp((long) Math.ceil(sorted.size() * share) - 1, 0, sorted.size() - 1);
        return sorted.get(at) / 1e6;
    }

    /** All of them in milliseconds, in the order of size. */
    synchronized List<Double> sortedMillis() {
        return nanos.stream().sorted().map(n -> n / 1e6).toList();
    }

    @Override
    public synchronized String toString() {
        return "p50 %.2f ms, p90 %.2f ms, p99 %.2f ms, n = %d"
                .formatted(millis(0.5), millis(0.9), millis(0.99), size());
    }
}
