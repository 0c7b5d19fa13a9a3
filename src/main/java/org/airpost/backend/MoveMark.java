package org.airpost.backend;

import java.util.Map;

/**
 * What was noted before messages were moved, so that a move of which nobody knows how it ended can be gone on with: what is in
 * the target already is not brought there a second time.
 *
 * @param uidValidity of the mailbox that they are moved from
 * @param targetUidNext the UID from which on they are to be found in the target
 * @param signs what tells each from others
 */
public record MoveMark(
        String mailbox,
        long uidValidity,
        String target,
        long targetUidValidity,
        long targetUidNext,
        Map<Long, Sign> signs) {

    public MoveMark {
        signs = Map.copyOf(signs);
    }

    /**
     * What tells a message from others.
     *
     * @param messageId empty if it has none
     */
    public record Sign(String messageId, long size) {

        /** True if it may be the same message: by Message-ID, or by size if neither has one. */
        public boolean matches(Sign other) {
            boolean nameless = messageId.isEmpty() && other.messageId.isEmpty();
            return nameless ? size == other.size : messageId.equals(other.messageId);
        }
    }
}
