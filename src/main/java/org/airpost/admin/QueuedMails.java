package org.airpost.admin;

import java.util.List;

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

    /** A mail: what there is to tell of it without its text and its correspondents. */
    record Line(String id, String user, String since, String next, int tries, int recipients, String words) {}

    List<Line> list();

    /** Has it tried at the next occasion; false if it is tried at this moment, or gone. */
    boolean retry(String id);

    /** Gives it back to its user; false if it is tried at this moment, or gone. */
    boolean giveUp(String id);
}
