package org.airpost.admin;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Instant;
import java.util.Optional;
import org.airpost.store.StoreException;

/**
 * Somebody who may sign in to the console.
 *
 * @param epoch grows when what they may or their password changes: sessions of another epoch are over. It begins with the time,
 *     so that one who was removed and is made anew under the same name has another
 * @param password its hash, unless none was set yet
 * @param secret of the authenticator app, unless there is none
 * @param lastStep the last step of {@link Totp} that was used
 * @param setUp the way to set a password and a second factor, unless that was done
 */
record AdminAccount(
        String name,
        Role role,
        Instant made,
        long epoch,
        Optional<String> password,
        Optional<byte[]> secret,
        long lastStep,
        Optional<SetUp> setUp,
        Optional<Instant> lastSignIn) {

    private static final int FORMAT = 1;

    /**
     * Once, and for a day.
     *
     * @param hash of the token in the link
     * @param secret that will be the account's
     */
    record SetUp(byte[] hash, byte[] secret, Instant until) {}

    static AdminAccount fresh(String name, Role role, Instant now, SetUp setUp) {
        return new AdminAccount(
                name,
                role,
                now,
                now.toEpochMilli(),
                Optional.empty(),
                Optional.empty(),
                0,
                Optional.of(setUp),
                Optional.empty());
    }

    /** The same with nothing to sign in with but a new way to set it. */
    AdminAccount reset(SetUp anew) {
        return new AdminAccount(
                name, role, made, epoch + 1, Optional.empty(), Optional.empty(), 0, Optional.of(anew), lastSignIn);
    }

    AdminAccount withRole(Role other) {
        return new AdminAccount(name, other, made, epoch + 1, password, secret, lastStep, setUp, lastSignIn);
    }

    AdminAccount withPassword(String hash, Optional<byte[]> itsSecret, long step) {
        return new AdminAccount(
                name, role, made, epoch + 1, Optional.of(hash), itsSecret, step, Optional.empty(), lastSignIn);
    }

    AdminAccount signedIn(long step, Instant now) {
        return new AdminAccount(name, role, made, epoch, password, secret, step, setUp, Optional.of(now));
    }

    byte[] write() {
        var bytes = new ByteArrayOutputStream(256);
        try (var out = new DataOutputStream(bytes)) {
            out.writeByte(FORMAT);
            out.writeUTF(name);
            out.writeUTF(role.name());
            out.writeLong(made.toEpochMilli());
            out.writeLong(epoch);
            out.writeUTF(password.orElse(""));
            write(out, secret.orElse(new byte[0]));
            out.writeLong(lastStep);
            out.writeBoolean(setUp.isPresent());
            if (setUp.isPresent()) {
                write(out, setUp.get().hash());
                write(out, setUp.get().secret());
                out.writeLong(setUp.get().until().toEpochMilli());
            }
            out.writeLong(lastSignIn.map(Instant::toEpochMilli).orElse(0L));
        } catch (IOException e) {
            throw new UncheckedIOException("an array refused bytes", e);
        }
        return bytes.toByteArray();
    }

    private static void write(DataOutputStream out, byte[] bytes) throws IOException {
        out.writeByte(bytes.length);
        out.write(bytes);
    }

    static AdminAccount read(String key, byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readUnsignedByte();
            if (format != FORMAT) {
                throw new StoreException("record %s has format %d, this Airpost reads %d: use the version that wrote it"
                        .formatted(key, format, FORMAT));
            }
            return new AdminAccount(
                    in.readUTF(),
                    Role.valueOf(in.readUTF()),
                    Instant.ofEpochMilli(in.readLong()),
                    in.readLong(),
                    Optional.of(in.readUTF()).filter(hash -> !hash.isEmpty()),
                    Optional.of(readBytes(in)).filter(secret -> secret.length > 0),
                    in.readLong(),
                    in.readBoolean()
                            ? Optional.of(new SetUp(readBytes(in), readBytes(in), Instant.ofEpochMilli(in.readLong())))
                            : Optional.empty(),
                    Optional.of(in.readLong()).filter(time -> time > 0).map(Instant::ofEpochMilli));
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException("record " + key + " is damaged", e);
        }
    }

    private static byte[] readBytes(DataInputStream in) throws IOException {
        var bytes = new byte[in.readUnsignedByte()];
        in.readFully(bytes);
        return bytes;
    }
}
