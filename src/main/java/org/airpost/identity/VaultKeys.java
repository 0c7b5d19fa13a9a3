package org.airpost.identity;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import javax.crypto.SecretKey;
import javax.crypto.spec.SecretKeySpec;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The keys of the vault, in a file that is no part of the store: whoever has one of the two has nothing. A key a line, 32 bytes
 * in base64; the first is the one to seal with, the others were, and open what they have sealed.
 */
final class VaultKeys {

    private static final Logger LOG = LoggerFactory.getLogger(VaultKeys.class);
    private static final int BYTES = 32;

    private final List<Key> keys;

    /** A key and the number by which what it has sealed knows it. */
    record Key(long id, SecretKey secret) {}

    private VaultKeys(List<Key> keys) {
        this.keys = List.copyOf(keys);
    }

    /** The keys of a file, which is made if it is not there. */
    static VaultKeys of(Path file) throws IOException {
        if (!Files.exists(file)) {
            make(file);
        }
        var keys = new ArrayList<Key>();
        int number = 0;
        for (var line : Files.readAllLines(file, US_ASCII)) {
            number++;
            var text = line.strip();
            if (!text.isEmpty() && !text.startsWith("#")) {
                keys.add(key(file, number, text));
            }
        }
        if (keys.isEmpty()) {
            throw new IOException(file + " has no key in it");
        }
        new PemFiles().warnIfOthersCanRead(file);
        return new VaultKeys(keys);
    }

    private static Key key(Path file, int line, String text) throws IOException {
        try {
            var bytes = Base64.getDecoder().decode(text);
            if (bytes.length == BYTES) {
                var digest = MessageDigest.getInstance("SHA-256").digest(bytes);
                return new Key(ByteBuffer.wrap(digest).getLong(), new SecretKeySpec(bytes, "AES"));
            }
        } catch (IllegalArgumentException e) {
            // Said below: the line itself is a secret.
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        throw new IOException(
                "%s:%d is not a key: 32 bytes in base64, as openssl rand -base64 32 makes them".formatted(file, line));
    }

    private static void make(Path file) throws IOException {
        var parent = file.toAbsolutePath().getParent();
        if (parent != null) {
            Files.createDirectories(parent);
        }
        var secret = new byte[BYTES];
        new SecureRandom().nextBytes(secret);
        var attributes = FileSystems.getDefault().supportedFileAttributeViews().contains("posix")
                ? new FileAttribute<?>[] {
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"))
                }
                : new FileAttribute<?>[0];
        Files.createFile(file, attributes);
        Files.writeString(
                file,
                "# The key of Airpost's vault of mail passwords. Keep a copy apart from the store. A new key goes above the"
                        + " old one.\n"
                        + Base64.getEncoder().encodeToString(secret) + "\n",
                US_ASCII,
                StandardOpenOption.SYNC);
        LOG.info("vault key made file={}", file);
    }

    /** The one to seal with. */
    Key current() {
        return keys.getFirst();
    }

    Optional<Key> of(long id) {
        return keys.stream().filter(key -> key.id() == id).findFirst();
    }
}
