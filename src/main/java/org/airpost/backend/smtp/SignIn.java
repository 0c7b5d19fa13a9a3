package org.airpost.backend.smtp;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.SecureRandom;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Function;
import org.airpost.backend.Credentials;
import org.airpost.backend.Scram;

/**
 * Signs in by what the server offers. Over TLS the password is sent, because any server can check that one; in the clear
 * SCRAM comes first. Where a server takes tokens alone, what the phone sent as its password is one. Source: RFC 4954, RFC
 * 4616, RFC 5802, RFC 7628.
 */
final class SignIn {

    private static final List<String> BY_PASSWORD = List.of("PLAIN", "LOGIN");
    private static final List<String> BY_SCRAM = List.of("SCRAM-SHA-256", "SCRAM-SHA-1");
    /** Of these, those by which one user can act for another. */
    private static final Set<String> SAYS_FOR_WHOM = Set.of("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-1");

    private static final List<String> BY_TOKEN = List.of("OAUTHBEARER", "XOAUTH2");

    private final Function<String, Reply> server;
    private final Credentials credentials;

    /** A sign-in at a server that takes a line and gives its reply. */
    SignIn(Function<String, Reply> server, Credentials credentials) {
        this.server = server;
        this.credentials = credentials;
    }

    /** Tries the mechanisms that we know, the best one first; the last reply. */
    Reply run(String offered, boolean secret) {
        Set<String> names = new TreeSet<>(String.CASE_INSENSITIVE_ORDER);
        names.addAll(Arrays.asList(offered.strip().split("\\s+", 0)));
        var order = secret ? List.of(BY_PASSWORD, BY_SCRAM, BY_TOKEN) : List.of(BY_SCRAM, BY_PASSWORD, BY_TOKEN);
        var reply = Reply.ofText("504 5.5.4 the server offers no way to sign in that is known here: " + offered);
        for (var mechanism : order.stream()
                .flatMap(List::stream)
                .filter(names::contains)
                .filter(one -> !credentials.isForAnother() || SAYS_FOR_WHOM.contains(one))
                .toList()) {
            reply = by(mechanism);
            // 504, 534, 538: not this way. A server in the clear may know no secret for SCRAM.
            boolean another = Set.of(504, 534, 538).contains(reply.code())
                    || (reply.code() == 535 && BY_SCRAM.contains(mechanism));
            if (!another) {
                return reply;
            }
        }
        return reply;
    }

    private Reply by(String mechanism) {
        return switch (mechanism) {
            case "PLAIN" -> say("AUTH PLAIN ", credentials.plain());
            case "LOGIN" -> {
                var user = server.apply("AUTH LOGIN");
                var password = user.code() == 334 ? say("", credentials.name()) : user;
                yield password.code() == 334 && user.code() == 334 ? say("", credentials.password()) : password;
            }
            case "OAUTHBEARER" ->
                token(
                        say(
                                "AUTH OAUTHBEARER ",
                                "n,a=%s,\u0001auth=Bearer %s\u0001\u0001"
                                        .formatted(credentials.user(), credentials.password())),
                        "\u0001");
            case "XOAUTH2" ->
                token(
                        say(
                                "AUTH XOAUTH2 ",
                                "user=%s\u0001auth=Bearer %s\u0001\u0001"
                                        .formatted(credentials.user(), credentials.password())),
                        "");
            default -> scram(mechanism);
        };
    }

    /** A server that refuses a token says why in a challenge, and then waits. */
    private Reply token(Reply reply, String end) {
        return reply.code() == 334 ? say("", end) : reply;
    }

    private Reply scram(String mechanism) {
        var nonce = new byte[18];
        new SecureRandom().nextBytes(nonce);
        var scram = new Scram(
                mechanism.substring("SCRAM-".length()),
                credentials,
                HexFormat.of().formatHex(nonce));
        var challenge = say("AUTH " + mechanism + " ", scram.first());
        if (challenge.code() != 334) {
            return challenge;
        }
        var proof = scram.proof(challenge(challenge));
        if (proof.isEmpty()) {
            var _ = server.apply("*"); // whatever it says to that
            return Reply.ofText("535 5.7.8 the challenge of the server cannot be answered");
        }
        var last = say("", proof.get());
        if (last.code() != 334) {
            // RFC 5802 §5: who does not prove that it knows the password is not the server.
            return last.isGood() ? Reply.ofText("535 5.7.8 the server did not prove who it is") : last;
        }
        if (!scram.isGenuine(challenge(last))) {
            var _ = server.apply("*"); // whatever it says to that
            return Reply.ofText("535 5.7.8 the server did not prove who it is");
        }
        return server.apply("");
    }

    private Reply say(String command, String response) {
        return server.apply(command + Base64.getEncoder().encodeToString(response.getBytes(UTF_8)));
    }

    private static String challenge(Reply reply) {
        try {
            return new String(
                    Base64.getDecoder()
                            .decode(reply.words().substring(3).strip().getBytes(UTF_8)),
                    UTF_8);
        } catch (IllegalArgumentException e) {
            return "";
        }
    }
}
