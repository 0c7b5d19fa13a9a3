package org.airpost.bench;

import java.util.ArrayList;
import java.util.function.Supplier;

/** How much heap one of many equal things takes, by looking at the heap before and after. */
final class HeapSize {

    private static final int COPIES = 500;
    private static final int COLLECTIONS = 3;

    private HeapSize() {}

    static long of(Supplier<?> thing) {
        var kept = new ArrayList<Object>(COPIES);
        long before = used();
        for (int n = 0; n < COPIES; n++) {
            kept.add(thing.get());
        }
        long after = used();
        if (kept.size() != COPIES) {
            throw new IllegalStateException("they are to be in use up to here");
        }
        return (after - before) / COPIES;
    }

    private static long used() {
        for (int n = 0; n < COLLECTIONS; n++) {
            System.gc();
        }
        return Runtime.getRuntime().totalMemory() - Runtime.getRuntime().freeMemory();
    }
}
