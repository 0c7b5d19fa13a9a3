package org.airpost.admin;

import java.util.List;
import java.util.regex.Pattern;

/** What an administrator sees of mails that are delivered later, and does with them. */
public interface QueuedMails {

    /** A gateway that has none. */
    QueuedMails NONE = new QueuedMails() {

        @Override
        public List<Line> list() {
            return List.of();
        }

        @Override
        public boolean retry(String id) {
            throw new IllegalArgumentException("no queued mail " + id);
        }

        @Override
        public boolean giveUp(String id) {
            throw new IllegalArgumentException("no queued mail " + id);
        }
    };

    /**
     * A mail: what there is to tell of it without its text and its correspondents.
     *
     * @param words of the server, in which an address is {@code <…>}
     */
    record Line(String id, String user, String since, String next, int tries, int recipients, String words) {

        /** In angle brackets whatever stands there; else up to what ends an address in a sentence. */
        private static final Pattern ADDRESS = Pattern.compile(
                "<[^<>]*@[^<>]*>|(?:\"[^\"]*\"|[^\\s<>()\\[\\],;:\"]+)@(?:\\[[^\\]]*\\]|[^\\s<>()\\[\\],;:\"]+)");

        public Line {
            words = ADDRESS.matcher(words).replaceAll("<…>");
        }
    }

    List<Line> list();

    /** Has it tried at the next occasion; false if it is tried at this moment, or gone. */
    boolean retry(String id);

    /** Gives it back to its user; false if it is tried at this moment, or gone. */
    boolean giveUp(String id);
}
