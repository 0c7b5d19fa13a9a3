package org.airpost.backend;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.util.Base64;

/**
 * What a phone signed in with, or what to sign in with at a backend. Never printed: {@code toString} leaves the password out.
 *
 * @param user whose mailbox it is: the login name at the backend
 * @param password of {@code name}
 * @param home the domain whose servers they are for, in lower case; empty for those of everybody
 * @param name who signs in: the user, or a master user in the form that the server wants, such as {@code anna*master}
 * @param actingFor whom a master user acts for, if {@code name} does not say it: the authzid of SASL; else empty
 */
public record Credentials(String user, String password, String home, String name, String actingFor) {

    /** Of the user for these servers. */
    public Credentials(String user, String password, String home) {
        this(user, password, home, user, "");
    }

    /** For the servers of everybody. */
    public Credentials(String user, String password) {
        this(user, password, "");
    }

    /** The message of SASL PLAIN. Source: RFC 4616 §2. */
    public String plain() {
        return actingFor + "\0" + name + "\0" + password;
    }

    /**
     * The value of an Authorization header; an IOException if it cannot say for whom. Source: RFC 7617 §2.
     */
    public String basic() throws IOException {
        if (isForAnother()) {
            throw new IOException("a master user cannot say by Basic authentication for whom it asks");
        }
        return "Basic " + Base64.getEncoder().encodeToString((name + ":" + password).getBytes(UTF_8));
    }

    /** True if only a mechanism that can say for whom can be used. */
    public boolean isForAnother() {
        return !actingFor.isEmpty();
    }

    @Override
    public String toString() {
        return "Credentials[user=" + user + "]";
    }
}
