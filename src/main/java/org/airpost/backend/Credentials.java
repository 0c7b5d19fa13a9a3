package org.airpost.backend;

/**
 * What a phone signed in with. Never printed: {@code toString} leaves the password out.
 *
 * @param home the domain whose servers they are for, in lower case; empty for those of everybody
 */
public record Credentials(String user, String password, String home) {

    /** For the servers of everybody. */
    public Credentials(String user, String password) {
        this(user, password, "");
    }

    @Override
    public String toString() {
        return "Credentials[user=" + user + "]";
    }
}
