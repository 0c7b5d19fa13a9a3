package org.airpost.device;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.InvalidKeyException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.HexFormat;
import java.util.Locale;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.airpost.eas.DeviceKey;
import org.airpost.store.StoreException;

/**
 * Knows a device again by the password that it was let in with last, after the mail server takes that no more: so that a lost
 * phone whose user has a new password is still told to wipe itself. Only a keyed hash is kept, and its key is not in the
 * store: who has the store alone cannot try passwords on it. See docs/decisions/017.
 */
public final class CredentialMarks {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 32;

    private final SecretKeySpec key;

    private CredentialMarks(byte[] key) {
        this.key = new SecretKeySpec(key, ALGORITHM);
    }

    /** With a key that ends with this process: for a store that does so, too. */
    public static CredentialMarks forNow() {
        return new CredentialMarks(random());
    }

    /** With the key in a file, which is made if it is not there, for nobody else to read. */
    public static CredentialMarks ofFile(Path file) {
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            var bytes = Files.readAllBytes(file);
            if (bytes.length != KEY_BYTES) {
                throw new StoreException(
                        "%s has %d bytes and should have %d: put back the one that belongs to the store"
                                .formatted(file, bytes.length, KEY_BYTES));
            }
            return new CredentialMarks(bytes);
        } catch (IOException e) {
            throw new StoreException("the key for marks of credentials: " + StoreException.why(e), e);
        }
    }

    private static void make(Path file) throws IOException {
        var directory = file.toAbsolutePath().getParent();
        if (directory != null) {
            Files.createDirectories(directory);
        }
        var mine = PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
        var fresh = Files.createTempFile(directory, "airpost", ".key", mine);
        try {
            Files.write(fresh, random(), StandardOpenOption.WRITE, StandardOpenOption.SYNC);
            Files.createLink(file, fresh); // whole, or not at all
        } catch (FileAlreadyExistsException e) {
            // Somebody else was first: theirs it is.
        } finally {
            Files.deleteIfExists(fresh);
        }
    }

    private static byte[] random() {
        var bytes = new byte[KEY_BYTES];
        new SecureRandom().nextBytes(bytes);
        return bytes;
    }

    /** The mark of a device with a password. */
    public String of(DeviceKey device, String password) {
        try {
            var mac = Mac.getInstance(ALGORITHM);
            mac.init(key);
            mac.update(device.user().toLowerCase(Locale.ROOT).getBytes(UTF_8));
            mac.update((byte) 0);
            mac.update(device.deviceId().getBytes(UTF_8));
            mac.update((byte) 0);
            return HexFormat.of().formatHex(mac.doFinal(password.getBytes(UTF_8)));
        } catch (NoSuchAlgorithmException | InvalidKeyException e) {
            throw new IllegalStateException("every Java platform has " + ALGORITHM, e);
        }
    }

    /** True if the device was let in with this password the last time. */
    public boolean fits(Device device, String password) {
        return device.mark()
                .filter(mark -> MessageDigest.isEqual(
                        mark.getBytes(UTF_8), of(device.key(), password).getBytes(UTF_8)))
                .isPresent();
    }
}
