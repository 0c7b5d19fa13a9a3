package org.airpost.backend;

import java.util.List;

/**
 * A user who has signed in.
 *
 * @param user canonical login name at the backend, lower case, without {@code /}: the same whichever way the phone wrote it
 * @param credentials what to sign in with at the backends
 * @param addresses mail addresses of the user, the primary one first; never empty, each with a domain
 * @param displayName the user's name, else the primary address
 */
public record Account(
        String user, Credentials credentials, MailAccount mail, List<String> addresses, String displayName) {

    public Account {
        addresses = List.copyOf(addresses);
        if (addresses.isEmpty()) {
            throw new IllegalArgumentException("no address for " + user);
        }
    }

    /** The primary address. */
    public String address() {
        return addresses.getFirst();
    }
}
