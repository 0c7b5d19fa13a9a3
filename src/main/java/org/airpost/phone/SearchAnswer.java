package org.airpost.phone;

import java.util.List;
import java.util.Optional;

/**
 * What a Search or a Find has answered.
 *
 * @param status of the store, or of the whole if that failed
 * @param range of the results that came, as the server wrote it
 * @param total as the server says, or -1
 */
public record SearchAnswer(int status, List<Hit> hits, Optional<String> range, int total) {

    public SearchAnswer {
        hits = List.copyOf(hits);
    }

    /**
     * A mail that was found.
     *
     * @param id a LongId of Search, a ServerId of Find
     * @param preview of Find; empty if there is none
     */
    public record Hit(String id, String collectionId, Item item, String preview) {}
}
