package org.airpost.command;

import java.util.List;
import org.airpost.eas.SearchStatus;
import org.airpost.wbxml.WbxmlWriter;

/**
 * A place that Search and Find look in. A new one is a class, and a line in the table that {@code app} makes, from {@link
 * Name} to store. The commands read the request and write the frame of the answer; a store finds what lies in the range and
 * writes what is in a result.
 */
public interface SearchStore {

    /** The stores of the specification. Source: MS-ASCMD "Name (Search)". */
    enum Name {
        MAILBOX("Mailbox"),
        GAL("GAL"),
        DOCUMENT_LIBRARY("DocumentLibrary");

        private final String text;

        Name(String text) {
            this.text = text;
        }

        public String text() {
            return text;
        }
    }

    /**
     * Searches, within some ten seconds. A {@link org.airpost.eas.StatusException} with a {@link SearchStatus} says that the
     * question cannot be answered; a {@link org.airpost.backend.BackendUnavailableException} that the server is away.
     */
    Found search(SearchQuestion question);

    /**
     * What was found.
     *
     * @param status of the store: {@link SearchStatus#SUCCESS}, or a warning that results may come with
     * @param results those within the range of the question, the first one in the place that the range begins with
     * @param total all that match, as far as is known
     */
    record Found(SearchStatus status, List<Result> results, long total) {

        public Found {
            results = List.copyOf(results);
        }

        /** Results without a warning. */
        public Found(List<Result> results, long total) {
            this(SearchStatus.SUCCESS, results, total);
        }
    }

    /** One match. */
    interface Result {

        /** Writes what stands before Properties: Class, LongId, CollectionId, ServerId as far as the command has them. */
        default void writeAddress(WbxmlWriter out) {}

        /** Writes the children of Properties. */
        void writeProperties(WbxmlWriter out);
    }
}
