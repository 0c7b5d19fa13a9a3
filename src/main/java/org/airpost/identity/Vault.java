package org.airpost.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Optional;
import java.util.function.Predicate;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Mail passwords of users whose devices have others, sealed with AES-GCM under {@code vault/<user>} in the store. The key is in
 * a file elsewhere ({@link VaultKeys}). What an older key has sealed is sealed anew with the current one.
 */
public final class Vault {

    private static final Logger LOG = LoggerFactory.getLogger(Vault.class);

    private static final String PREFIX = "vault/";
    private static final int FORMAT = 1;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;
    private static final int ATTEMPTS = 16;
    private static final int PAGE = 256;

    private final Store store;
    private final VaultKeys keys;
    private final InstantSource clock;
    private final SecureRandom random;

    private Vault(Store store, VaultKeys keys, InstantSource clock, SecureRandom random) {
        this.store = store;
        this.keys = keys;
        this.clock = clock;
        this.random = random;
    }

    /**
     * Opens the vault with the keys of a file, which is made if there is none and nothing to open with it.
     *
     * @throws IOException if it cannot be read, or is lost; the message says what to do
     */
    public static Vault open(Store store, Path keyFile, InstantSource clock, SecureRandom random) throws IOException {
        if (!Files.exists(keyFile) && !store.scan(PREFIX, "", 1).isEmpty()) {
            throw new IOException(
                    ("%s is missing, and mail passwords were sealed with a key in it: restore it. Or put a new key"
                                    + " there (openssl rand -base64 32): users then have to enter their mail passwords again")
                            .formatted(keyFile));
        }
        return new Vault(store, VaultKeys.of(keyFile), clock, random);
    }

    /** What there is for a user. */
    public sealed interface Entry {

        /** Nothing yet. */
        record Empty() implements Entry {}

        /** A password that the mail server has not refused. */
        record Good(Instant since) implements Entry {}

        /** The mail server refused it: the user has another one now. */
        record Refused(Instant since) implements Entry {}

        /** It is sealed with a key that is not in the file. */
        record Locked() implements Entry {}
    }

    private record Sealed(long key, Instant since, Optional<Instant> refused, byte[] nonce, byte[] text) {}

    private record Found(Sealed sealed, long version) {}

    /** What there is for a user. */
    public Entry entry(String user) {
        var found = find(user).map(Found::sealed);
        if (found.isEmpty()) {
            return new Entry.Empty();
        }
        if (keys.of(found.get().key()).isEmpty()) {
            return new Entry.Locked();
        }
        return found.get()
                .refused()
                .<Entry>map(Entry.Refused::new)
                .orElseGet(() -> new Entry.Good(found.get().since()));
    }

    /** Keeps a user's mail password, in place of the one before. */
    public void put(String user, String password) {
        var now = Instant.ofEpochMilli(clock.millis());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            long version = find(user).map(Found::version).orElse(Store.ABSENT);
            if (store.put(PREFIX + user, write(seal(user, password, now, Optional.empty())), version)
                    .isPresent()) {
                return;
            }
        }
        throw contention(user);
    }

    /** A password, and whether the mail server has refused it. */
    record Opened(String password, boolean wasRefused) {

        @Override
        public String toString() {
            return "Opened[wasRefused=" + wasRefused + "]";
        }
    }

    /** The password, if there is one that can be opened. */
    Optional<Opened> password(String user) {
        return find(user)
                .flatMap(found -> open(user, found.sealed())
                        .map(password ->
                                new Opened(password, found.sealed().refused().isPresent())));
    }

    /** Notes that the mail server refused this password, if it still is the one that is kept. */
    void refused(String user, String password) {
        change(
                user,
                found -> open(user, found).filter(password::equals).isPresent()
                        && found.refused().isEmpty(),
                Optional.of(Instant.ofEpochMilli(clock.millis())));
    }

    /** Notes that the mail server takes it after all. */
    void accepted(String user) {
        change(user, found -> found.refused().isPresent(), Optional.empty());
    }

    private void change(String user, Predicate<Sealed> due, Optional<Instant> refused) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var found = find(user);
            if (found.isEmpty() || !due.test(found.get().sealed())) {
                return;
            }
            var old = found.get().sealed();
            var next = new Sealed(old.key(), old.since(), refused, old.nonce(), old.text());
            if (store.put(PREFIX + user, write(next), found.get().version()).isPresent()) {
                return;
            }
        }
        throw contention(user);
    }

    /** Forgets the password of a user; false if there was none. */
    public boolean remove(String user) {
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var found = find(user);
            if (found.isEmpty()) {
                return false;
            }
            if (store.delete(PREFIX + user, found.get().version())) {
                return true;
            }
        }
        throw contention(user);
    }

    /** Seals with the current key what an older one has sealed; tells how many. */
    public int renew() {
        int renewed = 0;
        String after = "";
        while (true) {
            var page = store.scan(PREFIX, after, PAGE);
            for (var entry : page) {
                var user = entry.key().substring(PREFIX.length());
                var sealed = read(entry.key(), entry.versioned().value());
                var password = sealed.key() == keys.current().id() ? Optional.<String>empty() : open(user, sealed);
                if (password.isPresent()
                        && store.put(
                                        entry.key(),
                                        write(seal(user, password.get(), sealed.since(), sealed.refused())),
                                        entry.versioned().version())
                                .isPresent()) {
                    renewed++;
                }
            }
            if (page.size() < PAGE) {
                if (renewed > 0) {
                    LOG.info("vault sealed anew with the first key of its file passwords={}", renewed);
                }
                return renewed;
            }
            after = page.getLast().key();
        }
    }

    private Sealed seal(String user, String password, Instant since, Optional<Instant> refused) {
        var nonce = new byte[NONCE];
        random.nextBytes(nonce);
        var key = keys.current();
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.ENCRYPT_MODE, key.secret(), new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD((PREFIX + user).getBytes(UTF_8)); // so that one user's is nothing in another's place
            return new Sealed(key.id(), since, refused, nonce, cipher.doFinal(password.getBytes(UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    private Optional<String> open(String user, Sealed sealed) {
        var key = keys.of(sealed.key());
        if (key.isEmpty()) {
            return Optional.empty();
        }
        try {
            var cipher = Cipher.getInstance("AES/GCM/NoPadding");
            cipher.init(Cipher.DECRYPT_MODE, key.get().secret(), new GCMParameterSpec(TAG_BITS, sealed.nonce()));
            cipher.updateAAD((PREFIX + user).getBytes(UTF_8));
            return Optional.of(new String(cipher.doFinal(sealed.text()), UTF_8));
        } catch (AEADBadTagException e) {
            throw new StoreException("record " + PREFIX + user + " is damaged, or another user's", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("every Java platform has AES-GCM", e);
        }
    }

    private Optional<Found> find(String user) {
        return store.get(PREFIX + user).map(found -> new Found(read(PREFIX + user, found.value()), found.version()));
    }

    private static StoreException contention(String user) {
        return new StoreException("record " + PREFIX + user + " changed under each attempt to write it");
    }

    // The record: a format number, then the fields in order

    private static byte[] write(Sealed sealed) {
        var bytes = new ByteArrayOutputStream(96);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeLong(sealed.key());
            out.writeLong(sealed.since().toEpochMilli());
            out.writeLong(sealed.refused().map(Instant::toEpochMilli).orElse(0L));
            out.write(sealed.nonce());
            out.writeInt(sealed.text().length);
            out.write(sealed.text());
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    private static Sealed read(String key, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new StoreException("record %s has format %d, this Airpost reads %d: use the version that wrote it"
                        .formatted(key, format, FORMAT));
            }
            long id = in.readLong();
            var since = Instant.ofEpochMilli(in.readLong());
            long refused = in.readLong();
            return new Sealed(
                    id,
                    since,
                    refused == 0 ? Optional.empty() : Optional.of(Instant.ofEpochMilli(refused)),
                    in.readNBytes(NONCE),
                    in.readNBytes(in.readInt()));
        } catch (IOException e) {
            throw new StoreException("record " + key + " is damaged", e);
        }
    }
}
