package org.airpost.backend;

/** What a phone signed in with. Never printed: {@code toString} leaves the password out. */
public record Credentials(String user, String password) {

    @Override
    public String toString() {
        return "Credentials[user=" + user + "]";
    }
}
