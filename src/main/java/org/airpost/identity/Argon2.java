package org.airpost.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.airpost.backend.BackendUnavailableException;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Passwords as Argon2id, as a text in the usual form {@code $argon2id$v=19$m=19456,t=2,p=1$salt$hash} or as bytes. It takes
 * time and memory by design, so only some run at the same time; others wait in turn, not for long: a {@code
 * BackendUnavailableException} says that it was too long. Source: RFC 9106.
 */
public final class Argon2 {

    /** The longest password of which all is looked at, in characters. */
    public static final int LONGEST = 1_000;

    /** What it costs: 19 MiB and two passes, as OWASP's cheat sheet on password storage recommends for one lane. */
    static final Cost USUAL = new Cost(19 << 10, 2, 1);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);
    private static final int SALT_BYTES = 16;
    private static final int BYTES = 32;

    private static final Pattern FORM = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,3})\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

    private final SecureRandom random;

    private final Semaphore turns =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

    public Argon2(SecureRandom random) {
        this.random = random;
    }

    /** Memory in KiB, passes over it, and lanes. */
    record Cost(int memory, int passes, int lanes) {}

    /** The hash of a password as a text, with a salt of its own. */
    public String of(String password) {
        var salt = salt();
        var base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        USUAL.memory(),
                        USUAL.passes(),
                        USUAL.lanes(),
                        base64.encodeToString(salt),
                        base64.encodeToString(hash(password, salt, USUAL)));
    }

    /** True if a hash, as a text, is of this password. */
    public boolean fits(String hash, String password) {
        var parts = FORM.matcher(hash);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not an Argon2id hash");
        }
        var cost = new Cost(
                Integer.parseInt(parts.group(1)), Integer.parseInt(parts.group(2)), Integer.parseInt(parts.group(3)));
        var found = hash(password, Base64.getDecoder().decode(parts.group(4)), cost);
        return MessageDigest.isEqual(Base64.getDecoder().decode(parts.group(5)), found) && password.length() <= LONGEST;
    }

    /** Takes as long as {@link #fits} and is false: for a name that nobody has. */
    public boolean fitsNobody(String password) {
        hash(password, new byte[SALT_BYTES], USUAL);
        return false;
    }

    byte[] salt() {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        return salt;
    }

    byte[] hash(String password, byte[] salt, Cost cost) {
        enter();
        try {
            var generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(cost.memory())
                    .withIterations(cost.passes())
                    .withParallelism(cost.lanes())
                    .withSalt(salt)
                    .build());
            var hash = new byte[BYTES];
            generator.generateBytes(
                    password.substring(0, Math.min(password.length(), LONGEST)).getBytes(UTF_8), hash);
            return hash;
        } finally {
            turns.release();
        }
    }

    private void enter() {
        try {
            if (turns.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new BackendUnavailableException(
                "too many passwords are checked at the same time", Duration.ofSeconds(20));
    }
}
