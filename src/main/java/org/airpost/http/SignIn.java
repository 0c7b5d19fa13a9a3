package org.airpost.http;

import java.util.Map;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;

/** Signs in who sent a request, from its head alone. Source: HT-02; CLIENTS §1.1. */
final class SignIn {

    private final Server server;
    private final Exchange exchange;
    private final Head head;

    SignIn(Server server, Exchange exchange, Head head) {
        this.server = server;
        this.exchange = exchange;
        this.head = head;
    }

    /** The account, or a refusal: 401 with a challenge, or 503 after too many wrong passwords. */
    Account as(String device) throws RefusedException {
        var header = head.header("authorization");
        var credentials = BasicAuth.read(header);
        var certificate = exchange.certificate();
        // A phone that signs in by certificate sends no password, or an empty one.
        if (credentials.isEmpty() && certificate.isEmpty()) {
            throw challenge(
                    header.isEmpty() ? "no credentials" : "the Authorization header holds no Basic credentials");
        }
        var user = credentials.map(Credentials::user).orElse("");
        var shown = new Authenticator.Shown(credentials, certificate, device);
        return switch (server.gateway().authenticator().authenticate(shown)) {
            case Authenticator.Result.Accepted(var account, var holds) -> {
                exchange.signedIn(account, holds);
                yield account;
            }
            case Authenticator.Result.Refused(var words) ->
                throw challenge(
                        words.isEmpty()
                                ? "user \"%s\" is not known or the password is wrong".formatted(user)
                                : of(user) + words);
            case Authenticator.Result.Forbidden(var words) ->
                throw new RefusedException(403, of(user) + words, Map.of());
            case Authenticator.Result.Limited(var retryAfter) ->
                throw new RefusedException(
                        503,
                        "too many failed attempts to sign in as \"%s\"".formatted(user),
                        Map.of("Retry-After", server.retryAfter(retryAfter)));
        };
    }

    /** Nobody says who they are by a certificate alone. */
    private static String of(String user) {
        return user.isEmpty() ? "" : "user \"%s\": ".formatted(user);
    }

    private static RefusedException challenge(String why) {
        return new RefusedException(401, why, Map.of("WWW-Authenticate", BasicAuth.CHALLENGE));
    }
}
