package org.airpost.backend;

import java.util.Optional;

/**
 * A mailbox that the server lists.
 *
 * @param name full name, decoded, with the server's delimiter
 * @param parent full name of the mailbox above it, if it is below one
 * @param displayName last part of the name
 * @param role what it is for, if the server (RFC 6154) or its name says so; at most one mailbox of an account has a role
 * @param selectable false for a name that only holds others
 * @param id MAILBOXID (RFC 8474) where the server has it
 */
public record Mailbox(
        String name,
        Optional<String> parent,
        String displayName,
        Optional<Role> role,
        boolean selectable,
        Optional<String> id) {

    /** What a mailbox is for. */
    public enum Role {
        INBOX,
        DRAFTS,
        SENT,
        TRASH,
        JUNK,
        ARCHIVE
    }
}
