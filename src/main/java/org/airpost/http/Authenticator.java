package org.airpost.http;

import java.security.cert.X509Certificate;
import java.time.Duration;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;

/** Says who has signed in. */
public interface Authenticator {

    /**
     * Checks what a request shows; blocks as it needs, on a virtual thread. A {@code BackendUnavailableException} means that
     * nobody can say now: 503.
     */
    Result authenticate(Shown shown);

    /**
     * What a request shows.
     *
     * @param credentials user and password, if it has a password
     * @param certificate of the device, by which the connection was made; its key was proved, and its authority is ours
     * @param device DeviceId as sent, empty if there is none: nobody has proved it
     */
    record Shown(Optional<Credentials> credentials, Optional<X509Certificate> certificate, String device) {}

    /** What came out. */
    sealed interface Result {

        /**
         * The user is who they say.
         *
         * @param holds false once what was shown is good no more; asked before a held request is answered. May block.
         */
        record Accepted(Account account, BooleanSupplier holds) implements Result {

            /** For as long as the request lasts. */
            public Accepted(Account account) {
                this(account, () -> true);
            }
        }

        /** Who it is is not known, another password may help: 401. Without words user or password are wrong. */
        record Refused(String words) implements Result {

            /** User or password are wrong. */
            public Refused() {
                this("");
            }
        }

        /** No password helps: 403, with these words. */
        record Forbidden(String words) implements Result {}

        /** Too many failed attempts, nothing was checked: 503 with this as Retry-After. */
        record Limited(Duration retryAfter) implements Result {}
    }
}
