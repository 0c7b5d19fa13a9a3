package org.airpost.http;

import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Optional;
import org.airpost.backend.Credentials;

/** Reads the Authorization header. Source: RFC 7617; MS-ASHTTP "Authorization". */
final class BasicAuth {

    /** The challenge of every 401. */
    static final String CHALLENGE = "Basic realm=\"Airpost\", charset=\"UTF-8\"";

    private static final String SCHEME = "Basic ";

    private BasicAuth() {}

    /**
     * The credentials, or empty if the header holds none that could be right: another scheme, broken base64, no user, no
     * password, control characters.
     */
    static Optional<Credentials> read(String header) {
        if (!header.regionMatches(true, 0, SCHEME, 0, SCHEME.length())) {
            return Optional.empty();
        }
        byte[] bytes;
        try {
            bytes = Base64.getDecoder().decode(header.substring(SCHEME.length()).strip());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
        var text = decode(bytes);
        int colon = text.indexOf(':');
        // An empty password is never right, and some directories take it for an anonymous bind.
        if (colon < 1 || colon == text.length() - 1 || text.chars().anyMatch(Character::isISOControl)) {
            return Optional.empty();
        }
        return Optional.of(new Credentials(text.substring(0, colon), text.substring(colon + 1)));
    }

    /** UTF-8, as the challenge asks; what is not UTF-8 is Latin-1, as Outlook sends it. Source: CLIENTS §1.4. */
    private static String decode(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            return new String(bytes, StandardCharsets.ISO_8859_1);
        }
    }
}
