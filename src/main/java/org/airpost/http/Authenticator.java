package org.airpost.http;

import java.time.Duration;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;

/** Says who has signed in. */
public interface Authenticator {

    /**
     * Checks credentials; blocks as it needs, on a virtual thread. A {@code BackendUnavailableException} means that nobody
     * can say now: 503.
     *
     * @param device DeviceId as sent, empty if there is none: nobody has proved it
     */
    Result authenticate(Credentials credentials, String device);

    /** What came out. */
    sealed interface Result {

        /** The user is who they say. */
        record Accepted(Account account) implements Result {}

        /** The user is not known or the password is wrong: 401. */
        record Refused() implements Result {}

        /** Too many failed attempts, nothing was checked: 503 with this as Retry-After. */
        record Limited(Duration retryAfter) implements Result {}
    }
}
