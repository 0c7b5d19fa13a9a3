package org.airpost.store.mapdb;

import java.util.Iterator;
import java.util.NoSuchElementException;
import java.util.Optional;

/** The keys of two ascending iterators in one ascending order, each key once. */
final class MergedKeys implements Iterator<String> {

    private final Iterator<String> left;
    private final Iterator<String> right;
    private Optional<String> nextLeft;
    private Optional<String> nextRight;

    MergedKeys(Iterator<String> left, Iterator<String> right) {
        this.left = left;
        this.right = right;
        this.nextLeft = step(left);
        this.nextRight = step(right);
    }

    @Override
    public boolean hasNext() {
        return nextLeft.isPresent() || nextRight.isPresent();
    }

    @Override
    public String next() {
        if (!hasNext()) {
            throw new NoSuchElementException();
        }
        int order = nextLeft.isEmpty()
                ? 1
                : nextRight.isEmpty() ? -1 : nextLeft.get().compareTo(nextRight.get());
        var key = (order <= 0 ? nextLeft : nextRight).orElseThrow();
        if (order <= 0) {
            nextLeft = step(left);
        }
        if (order >= 0) {
            nextRight = step(right);
        }
        return key;
    }

    private static Optional<String> step(Iterator<String> keys) {
        return keys.hasNext() ? Optional.of(keys.next()) : Optional.empty();
    }
}
