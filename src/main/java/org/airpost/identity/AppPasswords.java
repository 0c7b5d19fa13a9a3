package org.airpost.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.regex.Pattern;
import org.airpost.backend.KeyedHash;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * The app passwords of all users, under {@code password/<user>/<id>} in the store. Each is five groups of four letters: the
 * first is its id, the last two letters are a check, so that no mail password is taken for one; between them are 70 random
 * bits. Kept as Argon2id; that one was right is remembered as a keyed hash in memory, so that not each request costs that
 * time. One that was revoked is refused from the next question on. Safe for many threads.
 */
public final class AppPasswords {

    /** That one is in use is written at most this often. */
    public static final Duration USED_STEP = Duration.ofHours(1);

    /** How many a user may have. */
    public static final int MOST = 50;

    /** Without those that look like others. */
    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

    private static final Pattern SHAPE = Pattern.compile("[" + LETTERS + "]{4}(-[" + LETTERS + "]{4}){4}");
    private static final int ID = 4;
    private static final int FORMAT = 1;
    private static final int ATTEMPTS = 16;
    /** Since its last use: a phone that waits comes each hour. The record is looked at in any case. */
    private static final Duration REMEMBERED = Duration.ofHours(2);

    private final Store store;
    private final InstantSource clock;
    private final SecureRandom random;
    private final Argon2 argon2;
    private final KeyedHash hashes = new KeyedHash();

    /** What was right, to the hash in the record that it was right for. */
    private final Cache<String, String> right;

    public AppPasswords(Store store, InstantSource clock, SecureRandom random) {
        this.store = store;
        this.clock = clock;
        this.random = random;
        this.argon2 = new Argon2(random);
        this.right = Caffeine.newBuilder()
                .maximumSize(200_000)
                .expireAfterAccess(REMEMBERED)
                .ticker(() -> TimeUnit.MILLISECONDS.toNanos(clock.millis()))
                .executor(Runnable::run)
                .build();
    }

    /** A new one; {@code secret} is shown to the user, once, and kept nowhere. */
    public record Made(AppPassword password, String secret) {

        @Override
        public String toString() {
            return "Made[" + password + "]";
        }
    }

    /** A user has too many. */
    public static final class TooManyException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        TooManyException(String what) {
            super("there are " + MOST + " " + what + " already: revoke one that is not used");
        }
    }

    private record Stored(AppPassword password, byte[] salt, byte[] hash, Argon2.Cost cost, long version) {}

    /** Makes one, for a device if that is known. */
    public Made make(String user, String name, Optional<String> device) {
        if (of(user).size() >= MOST) {
            throw new TooManyException("app passwords");
        }
        var salt = argon2.salt();
        var now = Instant.ofEpochMilli(clock.millis());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var secret = secret();
            var password = new AppPassword(
                    secret.substring(0, ID), user, AppPassword.cleanName(name), now, device, Optional.empty());
            var stored =
                    new Stored(password, salt, argon2.hash(secret, salt, Argon2.USUAL), Argon2.USUAL, Store.ABSENT);
            if (store.put(path(user, password.id()), write(stored), Store.ABSENT)
                    .isPresent()) {
                return new Made(password, secret);
            }
        }
        throw new StoreException("no free id for an app password of " + user);
    }

    private String secret() {
        var letters = new StringBuilder();
        for (int i = 0; i < 18; i++) {
            letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        letters.append(check(letters.toString()));
        return letters.toString().replaceAll("(.{4})(?=.)", "$1-");
    }

    private static String check(String letters) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(letters.getBytes(US_ASCII));
            return "" + LETTERS.charAt(digest[0] & 31) + LETTERS.charAt(digest[1] & 31);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
    }

    /** True if a text can only be one of these, right or wrong. */
    public static boolean isShapedSo(String password) {
        return shaped(password).isPresent();
    }

    /** What a password is as one of these, however it was typed; empty if it cannot be one. */
    static Optional<String> shaped(String password) {
        if (password.length() > 60) {
            return Optional.empty();
        }
        var letters = password.toLowerCase(Locale.ROOT).replaceAll("[\\s-]", "");
        var grouped = letters.replaceAll("(.{4})(?=.)", "$1-");
        return SHAPE.matcher(grouped).matches()
                        && check(letters.substring(0, 18)).equals(letters.substring(18))
                ? Optional.of(grouped)
                : Optional.empty();
    }

    /** Those of a user. */
    public List<AppPassword> of(String user) {
        return store.scan("password/" + user + "/", "", MOST * 2).stream()
                .map(entry -> read(entry.key(), entry.versioned()).password())
                .toList();
    }

    /** Takes one back, at once; false if there is none. */
    public boolean revoke(String user, String id) {
        if (!id.matches("[" + LETTERS + "]{4}")) {
            return false;
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var found = store.get(path(user, id));
            if (found.isEmpty()) {
                return false;
            }
            if (store.delete(path(user, id), found.get().version())) {
                return true;
            }
        }
        throw new StoreException("record " + path(user, id) + " changed under each attempt to remove it");
    }

    /** True if it is still there. */
    boolean holds(AppPassword password) {
        return find(password.user(), password.id())
                .filter(now -> now.password().made().equals(password.made()))
                .isPresent();
    }

    /** One that was right lately and still is, without the work of {@link #check}. */
    Optional<AppPassword> known(String user, String secret) {
        return Optional.ofNullable(right.getIfPresent(hashes.of(user, secret)))
                .flatMap(hash -> find(user, secret.substring(0, ID))
                        .filter(stored ->
                                HexFormat.of().formatHex(stored.hash()).equals(hash))
                        .map(Stored::password));
    }

    /** The one that this is. It takes the same time whether there is one or not. */
    Optional<AppPassword> check(String user, String secret) {
        var found = find(user, secret.substring(0, ID));
        var salt = found.map(Stored::salt).orElse(new byte[16]);
        var hash = argon2.hash(secret, salt, found.map(Stored::cost).orElse(Argon2.USUAL));
        if (found.isEmpty() || !MessageDigest.isEqual(hash, found.get().hash())) {
            return Optional.empty();
        }
        right.put(hashes.of(user, secret), HexFormat.of().formatHex(hash));
        return found.map(Stored::password);
    }

    /** Notes that a device uses it, and binds it to that one if it is the first; empty if it is another's, or revoked. */
    Optional<AppPassword> use(AppPassword password, String device) {
        var now = Instant.ofEpochMilli(clock.millis());
        if (password.device().isPresent()) {
            if (!password.device().get().equalsIgnoreCase(device)) {
                return Optional.empty();
            }
            if (password.lastUsed()
                    .filter(used -> used.plus(USED_STEP).isAfter(now))
                    .isPresent()) {
                return Optional.of(password);
            }
        }
        return change(
                password,
                p -> p.device().filter(d -> !d.equalsIgnoreCase(device)).isPresent()
                        ? Optional.empty()
                        : Optional.of(new AppPassword(
                                p.id(), p.user(), p.name(), p.made(), Optional.of(device), Optional.of(now))));
    }

    private Optional<AppPassword> change(AppPassword password, Function<AppPassword, Optional<AppPassword>> change) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var found = find(password.user(), password.id())
                    .filter(now -> now.password().made().equals(password.made()));
            var after = found.flatMap(stored -> change.apply(stored.password()));
            if (found.isEmpty() || after.isEmpty()) {
                return Optional.empty();
            }
            var stored = new Stored(
                    after.get(),
                    found.get().salt(),
                    found.get().hash(),
                    found.get().cost(),
                    found.get().version());
            if (store.put(path(password.user(), password.id()), write(stored), stored.version())
                    .isPresent()) {
                return after;
            }
        }
        throw new StoreException("record " + path(password.user(), password.id()) + " changed under each attempt");
    }

    private Optional<Stored> find(String user, String id) {
        return store.get(path(user, id)).map(found -> read(path(user, id), found));
    }

    private static String path(String user, String id) {
        return "password/" + user + "/" + id;
    }

    // The record: a format number, then the fields in order

    private static byte[] write(Stored stored) {
        var bytes = new ByteArrayOutputStream(160);
        try (var out = new DataOutputStream(bytes)) {
            var password = stored.password();
            out.writeByte(FORMAT);
            out.writeUTF(password.user());
            out.writeUTF(password.id());
            out.writeUTF(password.name());
            out.writeLong(password.made().toEpochMilli());
            out.writeUTF(password.device().orElse(""));
            out.writeLong(password.lastUsed().map(Instant::toEpochMilli).orElse(0L));
            out.writeInt(stored.cost().memory());
            out.writeInt(stored.cost().passes());
            out.writeInt(stored.cost().lanes());
            out.writeByte(stored.salt().length);
            out.write(stored.salt());
            out.writeByte(stored.hash().length);
            out.write(stored.hash());
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    private static Stored read(String key, Store.Versioned found) {
        try (var in = new DataInputStream(new ByteArrayInputStream(found.value()))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new StoreException("record %s has format %d, this Airpost reads %d: use the version that wrote it"
                        .formatted(key, format, FORMAT));
            }
            var user = in.readUTF();
            var id = in.readUTF();
            var name = in.readUTF();
            var made = Instant.ofEpochMilli(in.readLong());
            var device = Optional.of(in.readUTF()).filter(text -> !text.isEmpty());
            long used = in.readLong();
            var password = new AppPassword(
                    id,
                    user,
                    name,
                    made,
                    device,
                    used == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(used)));
            var cost = new Argon2.Cost(in.readInt(), in.readInt(), in.readInt());
            return new Stored(
                    password,
                    in.readNBytes(in.readUnsignedByte()),
                    in.readNBytes(in.readUnsignedByte()),
                    cost,
                    found.version());
        } catch (IOException e) {
            throw new StoreException("record " + key + " is damaged", e);
        }
    }
}
