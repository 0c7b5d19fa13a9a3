package org.airpost.admin;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.security.MessageDigest;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.concurrent.Semaphore;
import java.util.regex.Pattern;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Passwords as Argon2id, in the usual text form {@code $argon2id$v=19$m=19456,t=2,p=1$salt$hash}. A check takes the same time
 * for a name that is not known: there is a hash for those, too. Source: RFC 9106; OWASP "Password Storage".
 */
public final class PasswordHash {

    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int SALT_BYTES = 16;
    private static final int HASH_BYTES = 32;

    /** The longest password that is looked at. */
    public static final int LONGEST = 1_000;

    private static final Pattern FORM = Pattern.compile(
            "\\$argon2id\\$v=19\\$m=(\\d{1,7}),t=(\\d{1,3}),p=(\\d{1,3})\\$([A-Za-z0-9+/]+)\\$([A-Za-z0-9+/]+)");

    private final SecureRandom random;
    private final String nobodys;

    /** Each takes 19 MiB while it runs, so only some run at a time. */
    private final Semaphore atOnce =
            new Semaphore(Math.max(2, Runtime.getRuntime().availableProcessors()));

    public PasswordHash(SecureRandom random) {
        this.random = random;
        var any = new byte[HASH_BYTES];
        random.nextBytes(any);
        this.nobodys = of(Base64.getEncoder().encodeToString(any));
    }

    /** The hash of a password, with a salt of its own. */
    public String of(String password) {
        var salt = new byte[SALT_BYTES];
        random.nextBytes(salt);
        var base64 = Base64.getEncoder().withoutPadding();
        return "$argon2id$v=19$m=%d,t=%d,p=%d$%s$%s"
                .formatted(
                        MEMORY_KIB,
                        PASSES,
                        LANES,
                        base64.encodeToString(salt),
                        base64.encodeToString(hash(password, salt, MEMORY_KIB, PASSES, LANES, HASH_BYTES)));
    }

    /** True if a hash is of this password. */
    public boolean fits(String hash, String password) {
        var parts = FORM.matcher(hash);
        if (!parts.matches()) {
            throw new IllegalArgumentException("not an Argon2id hash");
        }
        var wanted = Base64.getDecoder().decode(parts.group(5));
        var found = hash(
                password,
                Base64.getDecoder().decode(parts.group(4)),
                Integer.parseInt(parts.group(1)),
                Integer.parseInt(parts.group(2)),
                Integer.parseInt(parts.group(3)),
                wanted.length);
        return MessageDigest.isEqual(wanted, found) && password.length() <= LONGEST;
    }

    /** Takes as long as {@link #fits} and is false: for a name that nobody has. */
    public boolean fitsNobody(String password) {
        return fits(nobodys, password) && nobodys.isEmpty();
    }

    private byte[] hash(String password, byte[] salt, int memory, int passes, int lanes, int length) {
        var generator = new Argon2BytesGenerator();
        generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                .withMemoryAsKB(memory)
                .withIterations(passes)
                .withParallelism(lanes)
                .withSalt(salt)
                .build());
        var hash = new byte[length];
        atOnce.acquireUninterruptibly();
        try {
            generator.generateBytes(
                    password.substring(0, Math.min(password.length(), LONGEST)).getBytes(UTF_8), hash);
        } finally {
            atOnce.release();
        }
        return hash;
    }
}
