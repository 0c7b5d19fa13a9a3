package org.airpost.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Collection;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.UserName;
import org.airpost.store.Store;
import org.airpost.store.StoreException;

/**
 * The certificates of devices: of an authority of their own ({@code client-ca.crt} and {@code client-ca.key}, beside the
 * server's), each in the store under {@code certificate/<user>/<serial>} as long as it is good. One that was revoked is not
 * there any more, and refused from the next request on. Safe for many threads.
 */
public final class DeviceCertificates {

    private static final String PREFIX = "certificate/";
    private static final String URI = "urn:airpost:user:";
    private static final int FORMAT = 1;
    private static final int ATTEMPTS = 16;
    /** Which every phone can read; a key of the device's own, made here once and given away. */
    private static final int KEY_BITS = 2048;

    private static final String LETTERS = "abcdefghijkmnpqrstuvwxyz23456789";

    private final Store store;
    private final Authority authority;
    private final InstantSource clock;
    private final SecureRandom random;

    private DeviceCertificates(Store store, Authority authority, InstantSource clock, SecureRandom random) {
        this.store = store;
        this.authority = authority;
        this.clock = clock;
        this.random = random;
    }

    /** Those of the authority in a folder, which is made if it is not there. */
    public static DeviceCertificates open(Store store, Path directory, InstantSource clock, SecureRandom random)
            throws IOException {
        Files.createDirectories(directory);
        var certificate = directory.resolve("client-ca.crt");
        var key = directory.resolve("client-ca.key");
        var files = new PemFiles();
        try {
            Authority authority;
            if (Files.exists(certificate)) {
                if (!Files.exists(key)) {
                    throw new IOException("%s is missing: restore it, or remove %s and enrol all devices again"
                            .formatted(key, certificate));
                }
                files.warnIfOthersCanRead(key);
                authority = new Authority(
                        files.keyPair(key), files.certificates(certificate).getFirst());
            } else {
                var pair = Files.exists(key) ? files.keyPair(key) : files.newKey(key);
                authority = Authority.make(pair, "Airpost devices", clock.instant());
                files.write(certificate, List.of(authority.certificate()));
            }
            return new DeviceCertificates(store, authority, clock, random);
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates in %s: %s".formatted(directory, e.getMessage()), e);
        }
    }

    /** Whose certificates are asked for. */
    public X509Certificate authority() {
        return authority.certificate();
    }

    /**
     * A new one with its key, kept nowhere.
     *
     * @param p12 both in a file of PKCS#12
     * @param password opens the file; to be shown once, apart from it
     */
    public record Enrolled(DeviceCertificate certificate, byte[] p12, String password) {

        @Override
        public String toString() {
            return "Enrolled[" + certificate + "]";
        }
    }

    /** Makes one, for a device if that is known. */
    public Enrolled enrol(UserName user, String name, Optional<String> device) {
        if (of(user.canonical()).size() >= AppPasswords.MOST) {
            throw new AppPasswords.TooManyException("certificates");
        }
        try {
            var generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(KEY_BITS, random);
            var pair = generator.generateKeyPair();
            var now = Instant.ofEpochMilli(clock.millis());
            var id = URI + URLEncoder.encode(user.canonical(), UTF_8);
            var issued = authority.issueForDevice(pair.getPublic(), user.address(), id, now);
            var certificate = new DeviceCertificate(
                    serial(issued),
                    user.canonical(),
                    user.asSent(),
                    AppPassword.cleanName(name),
                    now,
                    issued.getNotAfter().toInstant(),
                    device,
                    Optional.empty());
            var password = password();
            var p12 = Pkcs12.of(
                    pair.getPrivate(), List.of(issued, authority.certificate()), certificate.name(), password);
            var written = store.put(
                    path(certificate.user(), certificate.serial()),
                    write(new Stored(certificate, fingerprint(issued), Store.ABSENT)),
                    Store.ABSENT,
                    Optional.of(certificate.ends()));
            if (written.isEmpty()) {
                throw new StoreException("a serial number of 126 random bits is there twice");
            }
            return new Enrolled(certificate, p12, password);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate cannot be made: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException("a certificate cannot be made: " + e.getMessage(), e);
        }
    }

    /** 50 random bits, for a file that is on its way for minutes. */
    private String password() {
        var letters = new StringBuilder();
        for (int i = 0; i < 10; i++) {
            letters.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return letters.insert(5, '-').toString();
    }

    /** Those of a user that are good. */
    public List<DeviceCertificate> of(String user) {
        return store.scan(PREFIX + user + "/", "", AppPasswords.MOST * 2).stream()
                .map(entry -> read(entry.key(), entry.versioned()).certificate())
                .toList();
    }

    /** Takes one back, at once; false if there is none. */
    public boolean revoke(String user, String serial) {
        if (!serial.matches("[0-9a-f]{1,40}")) {
            return false;
        }
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var found = store.get(path(user, serial));
            if (found.isEmpty()) {
                return false;
            }
            if (store.delete(path(user, serial), found.get().version())) {
                return true;
            }
        }
        throw new StoreException("record " + path(user, serial) + " changed under each attempt to remove it");
    }

    /** What a certificate that was shown stands for; empty if it was revoked, has ended, or is none of ours. */
    Optional<DeviceCertificate> check(X509Certificate shown) {
        if (shown.getNotAfter().toInstant().isBefore(clock.instant())) {
            return Optional.empty();
        }
        return user(shown)
                .flatMap(user -> find(user, serial(shown)))
                .filter(stored -> stored.fingerprint().equals(fingerprint(shown)))
                .map(Stored::certificate);
    }

    /** True if it is still there. */
    boolean holds(DeviceCertificate certificate) {
        return find(certificate.user(), certificate.serial()).isPresent()
                && certificate.ends().isAfter(clock.instant());
    }

    /** Whom a certificate of this authority was made for, whether it is good or not. */
    Optional<String> user(X509Certificate certificate) {
        try {
            // TLS has checked that already, and this room does not rely on it.
            if (!Authority.signed(authority.certificate(), certificate)) {
                return Optional.empty();
            }
            var names = Optional.ofNullable(certificate.getSubjectAlternativeNames());
            return names.stream()
                    .flatMap(Collection::stream)
                    .map(name -> String.valueOf(name.get(1)))
                    .filter(name -> name.startsWith(URI))
                    .map(name -> URLDecoder.decode(name.substring(URI.length()), UTF_8))
                    .filter(user -> !user.isEmpty() && !user.contains("/"))
                    .findFirst();
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Notes that a device uses it, and binds it to that one if it is the first; empty if it is another's, or revoked. */
    Optional<DeviceCertificate> use(DeviceCertificate certificate, String device) {
        var now = Instant.ofEpochMilli(clock.millis());
        for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
            var found = find(certificate.user(), certificate.serial());
            if (found.isEmpty()) {
                return Optional.empty();
            }
            var known = found.get().certificate();
            if (known.device().filter(bound -> !bound.equalsIgnoreCase(device)).isPresent()) {
                return Optional.empty();
            }
            if (known.device().isPresent()
                    && known.lastUsed()
                            .filter(used -> used.plus(AppPasswords.USED_STEP).isAfter(now))
                            .isPresent()) {
                return Optional.of(known);
            }
            var next = new DeviceCertificate(
                    known.serial(),
                    known.user(),
                    known.signsInAs(),
                    known.name(),
                    known.made(),
                    known.ends(),
                    Optional.of(device),
                    Optional.of(now));
            if (store.put(
                            path(next.user(), next.serial()),
                            write(new Stored(next, found.get().fingerprint(), Store.ABSENT)),
                            found.get().version(),
                            Optional.of(next.ends()))
                    .isPresent()) {
                return Optional.of(next);
            }
        }
        throw new StoreException(
                "record " + path(certificate.user(), certificate.serial()) + " changed under each attempt");
    }

    private static String serial(X509Certificate certificate) {
        return certificate.getSerialNumber().toString(16);
    }

    private static String fingerprint(X509Certificate certificate) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(certificate.getEncoded()));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
    }

    private Optional<Stored> find(String user, String serial) {
        return store.get(path(user, serial)).map(found -> read(path(user, serial), found));
    }

    private static String path(String user, String serial) {
        return PREFIX + user + "/" + serial;
    }

    // The record: a format number, then the fields in order

    private record Stored(DeviceCertificate certificate, String fingerprint, long version) {}

    private static byte[] write(Stored stored) {
        var bytes = new ByteArrayOutputStream(256);
        try (var out = new DataOutputStream(bytes)) {
            var certificate = stored.certificate();
            out.writeByte(FORMAT);
            out.writeUTF(certificate.serial());
            out.writeUTF(certificate.user());
            out.writeUTF(certificate.signsInAs());
            out.writeUTF(certificate.name());
            out.writeLong(certificate.made().toEpochMilli());
            out.writeLong(certificate.ends().toEpochMilli());
            out.writeUTF(certificate.device().orElse(""));
            out.writeLong(certificate.lastUsed().map(Instant::toEpochMilli).orElse(0L));
            out.writeUTF(stored.fingerprint());
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
            var certificate = new DeviceCertificate(
                    in.readUTF(),
                    in.readUTF(),
                    in.readUTF(),
                    in.readUTF(),
                    Instant.ofEpochMilli(in.readLong()),
                    Instant.ofEpochMilli(in.readLong()),
                    Optional.of(in.readUTF()).filter(text -> !text.isEmpty()),
                    Optional.of(in.readLong()).filter(used -> used != 0).map(Instant::ofEpochMilli));
            return new Stored(certificate, in.readUTF(), found.version());
        } catch (IOException e) {
            throw new StoreException("record " + key + " is damaged", e);
        }
    }
}
