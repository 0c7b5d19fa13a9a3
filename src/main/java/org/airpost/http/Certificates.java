package org.airpost.http;

import java.io.IOException;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.airpost.identity.Authority;
import org.airpost.identity.PemFiles;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The server's key and certificate, in a folder of PEM files. {@code server.crt} and {@code server.key} are used as they are
 * if somebody put them there. If not, Airpost makes its own authority ({@code ca.crt}, {@code ca.key}) and lets it sign a
 * certificate, which is renewed in time. Phones have to trust {@code ca.crt} then.
 *
 * <p>A key is always written before its certificate and never replaced, so that a crash leaves nothing that does not fit
 * together.
 */
public final class Certificates {

    /** The private key, and the certificate followed by those that vouch for it. */
    public record Identity(PrivateKey key, List<X509Certificate> chain) {

        public Identity {
            chain = List.copyOf(chain);
        }

        X509Certificate certificate() {
            return chain.getFirst();
        }
    }

    private static final Logger LOG = LoggerFactory.getLogger(Certificates.class);
    private static final Duration RENEW_BEFORE = Duration.ofDays(30);

    private final Path directory;
    private final List<String> names;
    private final InstantSource clock;
    private final PemFiles files = new PemFiles();

    /**
     * Certificates in a folder, which is made if it is not there.
     *
     * @param names host names and addresses that phones use for this server; {@code localhost}, {@code 127.0.0.1} and the
     *     machine's own name are always added
     */
    public Certificates(Path directory, List<String> names, InstantSource clock) {
        this.directory = directory;
        this.clock = clock;
        var all = new LinkedHashSet<>(names);
        all.add("localhost");
        all.add("127.0.0.1");
        ownName().ifPresent(all::add);
        this.names = List.copyOf(all);
    }

    private static Optional<String> ownName() {
        try {
            return Optional.of(InetAddress.getLocalHost().getHostName()).filter(name -> name.matches("[A-Za-z0-9.-]+"));
        } catch (UnknownHostException e) {
            return Optional.empty(); // a machine without a name has none to certify
        }
    }

    public Path directory() {
        return directory;
    }

    /** Where phones find the authority to trust; there only if Airpost made its own certificate. */
    public Path authority() {
        return directory.resolve("ca.crt");
    }

    /** The authority that phones must trust to come in here, if the certificate is Airpost's own. */
    public Optional<X509Certificate> toTrust() throws IOException {
        try {
            return Files.exists(certificate())
                            && isOwn(files.certificates(certificate()).getFirst())
                    ? Optional.of(files.certificates(authority()).getFirst())
                    : Optional.empty();
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates in %s: %s".formatted(directory, e.getMessage()), e);
        }
    }

    private Path authorityKey() {
        return directory.resolve("ca.key");
    }

    private Path certificate() {
        return directory.resolve("server.crt");
    }

    private Path key() {
        return directory.resolve("server.key");
    }

    /**
     * What to serve with now. Makes and renews what is Airpost's own.
     *
     * @throws IOException if files cannot be read or written, or do not fit together; the message says which and what to do
     */
    public Identity load() throws IOException {
        Files.createDirectories(directory);
        try {
            if (!Files.exists(certificate())) {
                return issue();
            }
            var identity = read();
            if (!isOwn(identity.certificate())) {
                warnIfEnding(identity.certificate());
                return identity;
            }
            return isDue(identity.certificate()) ? issue() : identity;
        } catch (GeneralSecurityException e) {
            throw new IOException("certificates in %s: %s".formatted(directory, e.getMessage()), e);
        }
    }

    /** True if Airpost's own certificate is to be renewed. */
    boolean isRenewalDue() throws IOException {
        if (!Files.exists(certificate())) {
            return true;
        }
        var certificate = files.certificates(certificate()).getFirst();
        try {
            return isOwn(certificate) && isDue(certificate);
        } catch (GeneralSecurityException e) {
            throw new IOException("%s: %s".formatted(certificate(), e.getMessage()), e);
        }
    }

    /** Changes when one of the files that are served does. */
    String fingerprint() throws IOException {
        return stamp(certificate()) + " " + stamp(key());
    }

    private static String stamp(Path file) throws IOException {
        if (!Files.exists(file)) {
            return "none";
        }
        FileTime time = Files.getLastModifiedTime(file);
        return time.toInstant() + "/" + Files.size(file);
    }

    private Identity read() throws IOException, GeneralSecurityException {
        if (!Files.exists(key())) {
            throw new IOException(
                    "%s has no %s beside it: put the key there, or remove the certificate to have one made"
                            .formatted(certificate(), key().getFileName()));
        }
        files.warnIfOthersCanRead(key());
        var identity = new Identity(files.privateKey(key()), files.certificates(certificate()));
        if (!Authority.fits(identity.key(), identity.certificate().getPublicKey())) {
            throw new IOException("%s is not the key of %s: put both there, or remove both to have them made"
                    .formatted(key(), certificate()));
        }
        return identity;
    }

    /** Signed by the authority in this folder, so made by us. */
    private boolean isOwn(X509Certificate certificate) throws IOException, GeneralSecurityException {
        return Files.exists(authority())
                && Authority.signed(files.certificates(authority()).getFirst(), certificate);
    }

    private boolean isDue(X509Certificate certificate) throws GeneralSecurityException {
        var wanted = new TreeSet<>(names);
        Set<String> there = Authority.names(certificate);
        return clock.instant()
                        .plus(RENEW_BEFORE)
                        .isAfter(certificate.getNotAfter().toInstant())
                || !there.containsAll(wanted);
    }

    private void warnIfEnding(X509Certificate certificate) {
        Instant end = certificate.getNotAfter().toInstant();
        if (clock.instant().plus(RENEW_BEFORE).isAfter(end)) {
            LOG.warn("certificate file={} ends={}: replace it, phones refuse it after that", certificate(), end);
        }
    }

    private Identity issue() throws IOException, GeneralSecurityException {
        var authority = ownAuthority();
        var key = Files.exists(key()) ? files.keyPair(key()) : files.newKey(key());
        var certificate = authority.issue(key.getPublic(), names, clock.instant());
        files.write(certificate(), List.of(certificate, authority.certificate()));
        LOG.info(
                "certificate made file={} names={} ends={} authority={}",
                certificate(),
                names,
                certificate.getNotAfter().toInstant(),
                authority());
        return new Identity(key.getPrivate(), List.of(certificate, authority.certificate()));
    }

    private Authority ownAuthority() throws IOException, GeneralSecurityException {
        if (Files.exists(authority())) {
            if (!Files.exists(authorityKey())) {
                throw new IOException("%s is missing: restore it, or remove %s and let phones trust a new one"
                        .formatted(authorityKey(), authority()));
            }
            files.warnIfOthersCanRead(authorityKey());
            return new Authority(
                    files.keyPair(authorityKey()),
                    files.certificates(authority()).getFirst());
        }
        var key = Files.exists(authorityKey()) ? files.keyPair(authorityKey()) : files.newKey(authorityKey());
        var made = Authority.make(key, "Airpost CA", clock.instant());
        files.write(authority(), List.of(made.certificate()));
        return made;
    }
}
