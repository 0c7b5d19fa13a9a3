package org.airpost.phone;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What the server did wrong so far, the first thousand of it. For several threads. */
final class Violations {

    private static final int MOST = 1_000;

    private final CopyOnWriteArrayList<Violation> list = new CopyOnWriteArrayList<>();

    void add(String rule, String place, String what) {
        if (list.size() < MOST) {
            list.add(new Violation(rule, place, what));
        }
    }

    /** Adds one if this does not hold. */
    void check(boolean holds, String rule, String place, String what) {
        if (!holds) {
            add(rule, place, what);
        }
    }

    List<Violation> all() {
        return List.copyOf(list);
    }

    void clear() {
        list.clear();
    }
}
