package org.airpost.backend;

/** A mail server, or several that act as one. */
public interface MailBackend {

    /** Signs in. That the server cannot be reached is a {@link BackendUnavailableException}. */
    SignIn signIn(Credentials credentials);

    /** What the server says to credentials. */
    sealed interface SignIn {

        /** They are right; the account is open. */
        record Accepted(MailAccount account) implements SignIn {}

        /** They are wrong, in the server's words. */
        record Refused(String words) implements SignIn {}
    }
}
