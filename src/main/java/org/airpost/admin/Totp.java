package org.airpost.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.net.URLEncoder;
import java.nio.ByteBuffer;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.time.Instant;
import java.util.OptionalLong;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/** The six digits of an authenticator app, new every 30 seconds. Source: RFC 6238, RFC 4226 §5.3. */
public final class Totp {

    /** Bytes of a secret. Source: RFC 4226 §4, R6. */
    public static final int SECRET_BYTES = 20;

    private static final String ALGORITHM = "HmacSHA1";
    private static final int STEP_SECONDS = 30;

    /** A clock that goes wrong, and a code that was typed slowly. Source: RFC 6238 §5.2. */
    private static final int STEPS_AROUND = 1;

    private static final String BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

    private Totp() {}

    /** The code of a moment. */
    public static String code(byte[] secret, Instant now) {
        return code(secret, step(now));
    }

    /**
     * The step that a code is of, if it is one of about now.
     *
     * @param after the last step that was used: a code counts once
     */
    static OptionalLong accepted(byte[] secret, String code, Instant now, long after) {
        long middle = step(now);
        var given = code.replace(" ", "").getBytes(UTF_8);
        var found = OptionalLong.empty();
        for (long step = middle - STEPS_AROUND; step <= middle + STEPS_AROUND; step++) {
            // All of them, so that it takes the same time.
            boolean fits = MessageDigest.isEqual(code(secret, step).getBytes(UTF_8), given);
            if (fits && step > after) {
                found = OptionalLong.of(step);
            }
        }
        return found;
    }

    private static long step(Instant now) {
        return now.getEpochSecond() / STEP_SECONDS;
    }

    private static String code(byte[] secret, long step) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(new SecretKeySpec(secret, ALGORITHM));
            var hash = mac.doFinal(ByteBuffer.allocate(Long.BYTES).putLong(step).array());
            int offset = hash[hash.length - 1] & 0xF;
            int number = ByteBuffer.wrap(hash).getInt(offset) & Integer.MAX_VALUE;
            return "%06d".formatted(number % 1_000_000);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java has " + ALGORITHM, e);
        }
    }

    /** A secret as people type it. Source: RFC 4648 §6. */
    public static String base32(byte[] secret) {
        var text = new StringBuilder();
        int bits = 0;
        int value = 0;
        for (byte b : secret) {
            value = (value << 8) | (b & 0xFF);
            bits += 8;
            while (bits >= 5) {
                bits -= 5;
                text.append(BASE32.charAt((value >> bits) & 31));
            }
        }
        if (bits > 0) {
            text.append(BASE32.charAt((value << (5 - bits)) & 31));
        }
        return text.toString();
    }

    /** The address that authenticator apps take, as a link or a QR code. Source: Google Authenticator "Key Uri Format". */
    public static String uri(String account, byte[] secret) {
        return "otpauth://totp/Airpost:%s?secret=%s&issuer=Airpost"
                .formatted(URLEncoder.encode(account, UTF_8).replace("+", "%20"), base32(secret));
    }
}
