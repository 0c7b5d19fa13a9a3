package org.airpost.command;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What a Search or a Find asks of its store. Source: MS-ASCMD "Search", "Find".
 *
 * @param by which command asks; what a result consists of depends on it
 * @param text the words: of Search in an address list the text of Query, else the FreeTexts one after the other
 * @param criteria what else a mail must be like; none for address lists
 * @param range which results are asked for; empty if none was said
 * @param deepTraversal folders below the ones named are searched too
 * @param rebuildResults results of before are not good enough
 * @param searchId marks the results of a Find, so that it can be gone on with; empty for Search
 * @param bodies what Search asks about bodies
 * @param pictures what is asked about photos of people; empty if none are wanted
 */
public record SearchQuestion(
        Request request,
        By by,
        String text,
        Criteria criteria,
        Optional<SearchRange> range,
        boolean deepTraversal,
        boolean rebuildResults,
        String searchId,
        BodyOptionsReader bodies,
        Optional<Pictures> pictures) {

    /** The command that asks. */
    public enum By {
        SEARCH,
        FIND
    }

    /** Bounds for photos; what is empty has no bound. Source: MS-ASCMD "Picture (Search)", "Picture (Find)". */
    public record Pictures(Optional<Long> maxSizeBytes, Optional<Long> maxPictures) {}

    /**
     * Which mail.
     *
     * @param anyOf texts of which one is enough, besides the text of the question; none means that this is not asked
     * @param classes of items; none means all
     * @param collectionIds folders; none means all
     * @param conversationId as sent; empty if none was named
     * @param after received after
     * @param before received before
     */
    public record Criteria(
            List<String> anyOf,
            List<String> classes,
            List<String> collectionIds,
            Optional<byte[]> conversationId,
            Optional<Instant> after,
            Optional<Instant> before) {

        static final Criteria NONE =
                new Criteria(List.of(), List.of(), List.of(), Optional.empty(), Optional.empty(), Optional.empty());

        public Criteria {
            anyOf = List.copyOf(anyOf);
            classes = List.copyOf(classes);
            collectionIds = List.copyOf(collectionIds);
        }
    }

    /** The range that counts: the one asked for, or the usual one. */
    public SearchRange rangeOrDefault() {
        return range.orElse(SearchRange.DEFAULT);
    }
}
