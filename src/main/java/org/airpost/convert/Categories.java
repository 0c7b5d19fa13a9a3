package org.airpost.convert;

import java.util.Optional;

/** Placeholder until the converter's branch is merged. */
public final class Categories {

    private Categories() {}

    public static String keyword(String category) {
        throw new UnsupportedOperationException(category);
    }

    public static Optional<String> category(String keyword) {
        throw new UnsupportedOperationException(keyword);
    }
}
