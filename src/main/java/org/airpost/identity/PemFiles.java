package org.airpost.identity;

import java.io.IOException;
import java.io.StringReader;
import java.io.StringWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystems;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.asn1.x509.SubjectPublicKeyInfo;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.openssl.PEMKeyPair;
import org.bouncycastle.openssl.PEMParser;
import org.bouncycastle.openssl.jcajce.JcaPEMKeyConverter;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.util.io.pem.PemObject;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Keys and certificates as PEM files. A file is written whole or not at all; a key is for its owner alone. */
public final class PemFiles {

    private static final Logger LOG = LoggerFactory.getLogger(PemFiles.class);
    private static final long MOST = 1L << 20;
    private static final boolean POSIX =
            FileSystems.getDefault().supportedFileAttributeViews().contains("posix");

    /** All certificates of a file, in its order; at least one. */
    public List<X509Certificate> certificates(Path file) throws IOException {
        var found = new ArrayList<X509Certificate>();
        try {
            for (var object : objects(file)) {
                if (object instanceof X509CertificateHolder holder) {
                    found.add(new JcaX509CertificateConverter().getCertificate(holder));
                }
            }
        } catch (GeneralSecurityException e) {
            throw new IOException("%s: %s".formatted(file, e.getMessage()), e);
        }
        if (found.isEmpty()) {
            throw new IOException(file + " holds no certificate in PEM form");
        }
        return found;
    }

    /** The private key of a file, in PKCS#8, PKCS#1 or SEC1 form. */
    public PrivateKey privateKey(Path file) throws IOException {
        for (var object : objects(file)) {
            var info = switch (object) {
                case PrivateKeyInfo key -> Optional.of(key);
                case PEMKeyPair pair -> Optional.of(pair.getPrivateKeyInfo());
                default -> Optional.<PrivateKeyInfo>empty(); // parameters of a curve, certificates
            };
            if (info.isPresent()) {
                return decode(file, () -> new JcaPEMKeyConverter().getPrivateKey(info.get()));
            }
        }
        throw new IOException(file + " holds no private key in PEM form that is not encrypted");
    }

    /** A key that {@link #newKey} wrote, with its public half. */
    public KeyPair keyPair(Path file) throws IOException {
        for (var object : objects(file)) {
            if (object instanceof SubjectPublicKeyInfo info) {
                var open = decode(file, () -> new JcaPEMKeyConverter().getPublicKey(info));
                return new KeyPair(open, privateKey(file));
            }
        }
        throw new IOException(
                file + " was not made by Airpost, and has no certificate beside it: put both there, or neither");
    }

    private interface Decoding<T> {
        T run() throws IOException;
    }

    private static <T> T decode(Path file, Decoding<T> decoding) throws IOException {
        try {
            return decoding.run();
        } catch (IOException e) {
            throw new IOException("%s cannot be used: %s".formatted(file, e.getMessage()), e);
        }
    }

    /** Makes a key (EC, P-256) and writes both halves of it, the private one first, in PKCS#8 form. */
    public KeyPair newKey(Path file) throws IOException, GeneralSecurityException {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var key = generator.generateKeyPair();
        var text = pem(List.of(
                new PemObject("PRIVATE KEY", key.getPrivate().getEncoded()),
                new PemObject("PUBLIC KEY", key.getPublic().getEncoded())));
        write(file, text, true);
        return key;
    }

    public void write(Path file, List<X509Certificate> certificates) throws IOException {
        write(file, pem(certificates), false);
    }

    private static String pem(List<?> objects) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            for (var object : objects) {
                writer.writeObject(object);
            }
        }
        return text.toString();
    }

    private static void write(Path file, String text, boolean secret) throws IOException {
        var part = file.resolveSibling(file.getFileName() + ".part");
        Files.deleteIfExists(part);
        Files.createFile(part, attributes(secret));
        Files.writeString(part, text, StandardCharsets.US_ASCII, StandardOpenOption.SYNC);
        Files.move(part, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    private static FileAttribute<?>[] attributes(boolean secret) {
        if (!POSIX) {
            return new FileAttribute<?>[0];
        }
        return new FileAttribute<?>[] {
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(secret ? "rw-------" : "rw-r--r--"))
        };
    }

    /** Says in the log if a key is not its owner's alone. */
    public void warnIfOthersCanRead(Path file) throws IOException {
        if (!POSIX) {
            return;
        }
        var others = EnumSet.of(
                PosixFilePermission.GROUP_READ,
                PosixFilePermission.GROUP_WRITE,
                PosixFilePermission.OTHERS_READ,
                PosixFilePermission.OTHERS_WRITE);
        others.retainAll(Files.getPosixFilePermissions(file));
        if (!others.isEmpty()) {
            LOG.warn("key file={} can be used by others {}: chmod 600 it", file, others);
        }
    }

    private static List<Object> objects(Path file) throws IOException {
        if (Files.size(file) > MOST) {
            throw new IOException("%s is larger than %d bytes".formatted(file, MOST));
        }
        var objects = new ArrayList<>();
        try (var parser = new PEMParser(new StringReader(Files.readString(file, StandardCharsets.ISO_8859_1)))) {
            for (var next = next(parser); next.isPresent(); next = next(parser)) {
                objects.add(next.get());
            }
        } catch (IOException e) {
            throw new IOException("%s cannot be read as PEM: %s".formatted(file, e.getMessage()), e);
        }
        return objects;
    }

    private static Optional<Object> next(PEMParser parser) throws IOException {
        return Optional.ofNullable(parser.readObject());
    }
}
