package org.airpost.http;

import java.util.Map;
import org.airpost.backend.Account;

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
        var credentials = BasicAuth.read(header)
                .orElseThrow(() -> challenge(
                        header.isEmpty() ? "no credentials" : "the Authorization header holds no Basic credentials"));
        return switch (server.gateway().authenticator().authenticate(credentials, device)) {
            case Authenticator.Result.Accepted(Account account) -> {
                exchange.signedIn(account);
                yield account;
            }
            case Authenticator.Result.Refused _ ->
                throw challenge("user \"%s\" is not known or the password is wrong".formatted(credentials.user()));
            case Authenticator.Result.Limited(var retryAfter) ->
                throw new RefusedException(
                        503,
                        "too many failed attempts to sign in as \"%s\"".formatted(credentials.user()),
                        Map.of("Retry-After", server.retryAfter(retryAfter)));
        };
    }

    private static RefusedException challenge(String why) {
        return new RefusedException(401, why, Map.of("WWW-Authenticate", BasicAuth.CHALLENGE));
    }
}
