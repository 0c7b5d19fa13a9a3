package org.airpost.backend.certificate;

import java.io.ByteArrayInputStream;
import java.security.GeneralSecurityException;
import java.security.InvalidAlgorithmParameterException;
import java.security.SignatureException;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertPathValidatorException.Reason;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.CertificateParsingException;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXReason;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Says of certificates what they are worth for signing mail. Source: RFC 5280 §6; RFC 8550. */
public final class CertificateCheck {

    private static final Logger LOG = LoggerFactory.getLogger(CertificateCheck.class);

    /** Certificates of a chain at most. */
    private static final int LONGEST_CHAIN = 10;

    /** Steps upwards that are tried at most: somebody may send many certificates that look alike. */
    private static final int MOST_STEPS = 100;

    private static final String EMAIL_PROTECTION = "1.3.6.1.5.5.7.3.4";
    private static final String ANY_PURPOSE = "2.5.29.37.0";

    private final Set<TrustAnchor> anchors;
    private final Revocation revocation;
    private final InstantSource clock;

    /**
     * A check against these authorities.
     *
     * @param timeout for what has to be fetched for one certificate
     */
    public CertificateCheck(Trust trust, Duration timeout, InstantSource clock) {
        this.anchors = Tls.authorities(trust).stream()
                .map(authority -> new TrustAnchor(authority, null))
                .collect(Collectors.toUnmodifiableSet());
        this.revocation = new Revocation(timeout, clock);
        this.clock = clock;
    }

    /**
     * What a certificate is worth.
     *
     * @param der the certificate
     * @param chain certificates that may stand between it and an authority, in any order
     * @param strict whether it is bad if nobody can say whether it was revoked
     * @param deadline after which nothing more is fetched
     */
    public Verdict check(byte[] der, List<byte[]> chain, boolean strict, Instant deadline) {
        X509Certificate certificate;
        try {
            certificate = read(der);
        } catch (CertificateException e) {
            return Verdict.MALFORMED;
        }
        var others = new ArrayList<X509Certificate>();
        for (var one : chain) {
            try {
                others.add(read(one));
            } catch (CertificateException e) {
                return Verdict.BAD_CHAIN;
            }
        }
        return check(certificate, others, strict, deadline);
    }

    private static X509Certificate read(byte[] der) throws CertificateException {
        return (X509Certificate)
                CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
    }

    /** A path from the certificate up to below an anchor, and the anchor. */
    private record Path(List<X509Certificate> certificates, TrustAnchor anchor) {}

    private Verdict check(X509Certificate certificate, List<X509Certificate> chain, boolean strict, Instant deadline) {
        if (!isForMail(certificate)) {
            return Verdict.NOT_FOR_MAIL;
        }
        var paths = new ArrayList<Path>();
        findPaths(List.of(certificate), chain, paths, new AtomicInteger(MOST_STEPS));
        if (paths.isEmpty()) {
            return Verdict.UNTRUSTED;
        }
        // The best of several paths counts: a wrong certificate beside the right one does no harm.
        var best = Optional.<Verdict>empty();
        for (var path : paths) {
            var verdict = walk(path);
            if (verdict == Verdict.GOOD) {
                return revocation.check(path.certificates(), path.anchor().getTrustedCert(), strict, deadline);
            }
            best = Optional.of(best.orElse(verdict));
        }
        return best.orElse(Verdict.UNTRUSTED);
    }

    /** Whether its extensions let it sign mail. One that says nothing may. Source: RFC 8550 §4.4.2, §4.4.4. */
    private static boolean isForMail(X509Certificate certificate) {
        var usage = certificate.getKeyUsage();
        if (usage != null && !usage[0] && !usage[1]) { // digitalSignature, nonRepudiation
            return false;
        }
        try {
            var purposes = certificate.getExtendedKeyUsage();
            return purposes == null || purposes.contains(EMAIL_PROTECTION) || purposes.contains(ANY_PURPOSE);
        } catch (CertificateParsingException e) {
            return false;
        }
    }

    private void findPaths(
            List<X509Certificate> path, List<X509Certificate> chain, List<Path> found, AtomicInteger steps) {
        if (steps.decrementAndGet() < 0) {
            return;
        }
        var last = path.getLast();
        for (var anchor : anchors) {
            if (anchor.getTrustedCert().equals(last)) {
                // An authority's own certificate: only one that is asked for itself comes this far.
                found.add(new Path(path, anchor));
                return;
            }
            if (anchor.getTrustedCert().getSubjectX500Principal().equals(last.getIssuerX500Principal())) {
                found.add(new Path(path, anchor));
            }
        }
        if (path.size() == LONGEST_CHAIN) {
            return;
        }
        for (var issuer : chain) {
            if (issuer.getSubjectX500Principal().equals(last.getIssuerX500Principal())
                    && !path.contains(issuer)
                    && anchors.stream()
                            .noneMatch(anchor -> anchor.getTrustedCert().equals(issuer))) {
                var longer = new ArrayList<>(path);
                longer.add(issuer);
                findPaths(longer, chain, found, steps);
            }
        }
    }

    private Verdict walk(Path path) {
        try {
            var parameters = new PKIXParameters(Set.of(path.anchor()));
            parameters.setRevocationEnabled(false);
            parameters.setDate(Date.from(clock.instant()));
            CertPathValidator.getInstance("PKIX")
                    .validate(
                            CertificateFactory.getInstance("X.509").generateCertPath(path.certificates()), parameters);
            return Verdict.GOOD;
        } catch (CertPathValidatorException e) {
            LOG.debug("certificate refused", e);
            var verdict = verdict(e.getReason(), e.getIndex(), Optional.ofNullable(e.getCause()));
            // The JDK looks at the key usage first, which is a person's; that it is no authority says more.
            return verdict == Verdict.MISUSED && !areAuthorities(path.certificates())
                    ? Verdict.NOT_AN_AUTHORITY
                    : verdict;
        } catch (InvalidAlgorithmParameterException e) {
            throw new IllegalStateException("there is an anchor", e);
        } catch (GeneralSecurityException e) {
            LOG.debug("certificate unreadable", e);
            return Verdict.MALFORMED;
        }
    }

    /** True if all but the first may be authorities. */
    private static boolean areAuthorities(List<X509Certificate> path) {
        return path.stream().skip(1).allMatch(certificate -> certificate.getBasicConstraints() >= 0);
    }

    private static Verdict verdict(Reason reason, int index, Optional<Throwable> cause) {
        if (reason instanceof BasicReason basic) {
            return switch (basic) {
                case EXPIRED, NOT_YET_VALID -> index == 0 ? Verdict.EXPIRED : Verdict.CHAIN_EXPIRED;
                case INVALID_SIGNATURE, ALGORITHM_CONSTRAINED -> Verdict.BAD_SIGNATURE;
                case REVOKED -> index == 0 ? Verdict.REVOKED : Verdict.CHAIN_REVOKED;
                case UNDETERMINED_REVOCATION_STATUS -> Verdict.REVOCATION_UNKNOWN;
                case UNSPECIFIED ->
                    cause.filter(SignatureException.class::isInstance).isPresent()
                            ? Verdict.BAD_SIGNATURE
                            : Verdict.MALFORMED;
            };
        }
        if (reason instanceof PKIXReason pkix) {
            return switch (pkix) {
                case NAME_CHAINING -> Verdict.BAD_CHAIN;
                case NOT_CA_CERT, PATH_TOO_LONG -> Verdict.NOT_AN_AUTHORITY;
                case INVALID_KEY_USAGE, INVALID_NAME, INVALID_POLICY -> Verdict.MISUSED;
                case NO_TRUST_ANCHOR -> Verdict.UNTRUSTED;
                case UNRECOGNIZED_CRIT_EXT -> Verdict.MALFORMED;
            };
        }
        return Verdict.FAILED;
    }
}
