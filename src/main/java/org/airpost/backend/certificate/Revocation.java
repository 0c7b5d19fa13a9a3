package org.airpost.backend.certificate;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.security.GeneralSecurityException;
import java.security.cert.CRL;
import java.security.cert.CertPathValidator;
import java.security.cert.CertPathValidatorException;
import java.security.cert.CertPathValidatorException.BasicReason;
import java.security.cert.CertStore;
import java.security.cert.CertificateFactory;
import java.security.cert.CollectionCertStoreParameters;
import java.security.cert.PKIXParameters;
import java.security.cert.PKIXRevocationChecker;
import java.security.cert.TrustAnchor;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Date;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.airpost.backend.LimitedHttp;
import org.bouncycastle.asn1.ASN1OctetString;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.ocsp.CertificateID;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReqBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Whether the certificates of a path that is good were revoked: OCSP where the certificate names a responder, else the CRL
 * that it names. What was fetched is kept for some minutes. Source: RFC 6960; RFC 5280 §6.3.
 */
final class Revocation {

    private static final Logger LOG = LoggerFactory.getLogger(Revocation.class);
    private static final int LARGEST_OCSP = 64 << 10;
    private static final int LARGEST_CRL = 8 << 20;
    private static final long CACHE_BYTES = 32 << 20;

    /** Addresses that a certificate may name; more of them are not tried. */
    private static final int MOST_ADDRESSES = 3;

    private final Duration timeout;
    private final InstantSource clock;
    private final HttpClient http;
    private final Cache<URI, byte[]> lists = Caffeine.newBuilder()
            .maximumWeight(CACHE_BYTES)
            .weigher((URI address, byte[] list) -> list.length)
            .expireAfterWrite(10, TimeUnit.MINUTES)
            .build();

    Revocation(Duration timeout, InstantSource clock) {
        this.timeout = timeout;
        this.clock = clock;
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(timeout)
                .followRedirects(HttpClient.Redirect.NEVER)
                .executor(Thread::startVirtualThread)
                .build();
    }

    /** What is known of one certificate. */
    private enum Known {
        GOOD,
        REVOKED,
        /** It names somebody to ask, who cannot be reached. */
        OFFLINE,
        /** It names nobody, or what they said is no answer. */
        UNKNOWN
    }

    /** The verdict over a path that is good otherwise; from the authority down, as what is revoked above counts most. */
    Verdict check(List<X509Certificate> path, X509Certificate anchor, boolean strict, Instant deadline) {
        var worst = Verdict.GOOD;
        for (int i = path.size() - 1; i >= 0; i--) {
            var issuer = i + 1 < path.size() ? path.get(i + 1) : anchor;
            if (path.get(i).equals(anchor)) {
                continue;
            }
            var verdict = switch (known(path.get(i), issuer, deadline)) {
                case GOOD -> Verdict.GOOD;
                case REVOKED -> i == 0 ? Verdict.REVOKED : Verdict.CHAIN_REVOKED;
                case OFFLINE -> Verdict.REVOCATION_OFFLINE;
                case UNKNOWN -> Verdict.REVOCATION_UNKNOWN;
            };
            if (verdict == Verdict.REVOKED || verdict == Verdict.CHAIN_REVOKED) {
                return verdict;
            }
            if (strict && worst == Verdict.GOOD) {
                worst = verdict;
            }
        }
        return worst;
    }

    private Known known(X509Certificate certificate, X509Certificate issuer, Instant deadline) {
        boolean offline = false;
        for (var responder : responders(certificate)) {
            var response = ask(responder, certificate, issuer, deadline);
            if (response.isPresent()) {
                var known = judge(certificate, issuer, Map.of(certificate, response.get()), List.of());
                if (known != Known.UNKNOWN) {
                    return known;
                }
            } else {
                offline = true;
            }
        }
        for (var address : lists(certificate)) {
            var list = fetch(address, deadline);
            if (list.isPresent()) {
                var known = judge(certificate, issuer, Map.of(), crls(list.get()));
                if (known != Known.UNKNOWN) {
                    return known;
                }
            } else {
                offline = true;
            }
        }
        return offline ? Known.OFFLINE : Known.UNKNOWN;
    }

    /** Lets the JDK judge what was fetched, signatures and dates of it included. */
    private Known judge(
            X509Certificate certificate,
            X509Certificate issuer,
            Map<X509Certificate, byte[]> responses,
            Collection<? extends CRL> crls) {
        try {
            var validator = CertPathValidator.getInstance("PKIX");
            var checker = (PKIXRevocationChecker) validator.getRevocationChecker();
            // Without a fallback it asks nobody by itself.
            checker.setOptions(
                    responses.isEmpty()
                            ? EnumSet.of(
                                    PKIXRevocationChecker.Option.PREFER_CRLS, PKIXRevocationChecker.Option.NO_FALLBACK)
                            : EnumSet.of(PKIXRevocationChecker.Option.NO_FALLBACK));
            checker.setOcspResponses(responses);
            var parameters = new PKIXParameters(Set.of(new TrustAnchor(issuer, null)));
            parameters.setDate(Date.from(clock.instant()));
            parameters.setRevocationEnabled(false); // the checker stands in its place
            parameters.addCertStore(CertStore.getInstance("Collection", new CollectionCertStoreParameters(crls)));
            parameters.addCertPathChecker(checker);
            validator.validate(
                    CertificateFactory.getInstance("X.509").generateCertPath(List.of(certificate)), parameters);
            return Known.GOOD;
        } catch (CertPathValidatorException e) {
            LOG.debug("revocation", e);
            return e.getReason() == BasicReason.REVOKED ? Known.REVOKED : Known.UNKNOWN;
        } catch (GeneralSecurityException e) {
            LOG.debug("revocation", e);
            return Known.UNKNOWN;
        }
    }

    private static Collection<? extends CRL> crls(byte[] list) {
        try {
            return CertificateFactory.getInstance("X.509").generateCRLs(new ByteArrayInputStream(list));
        } catch (GeneralSecurityException e) {
            LOG.debug("revocation list unreadable", e);
            return List.of();
        }
    }

    // Whom to ask

    private static List<URI> responders(X509Certificate certificate) {
        return extension(certificate, Extension.authorityInfoAccess)
                .map(AuthorityInformationAccess::getInstance)
                .map(access -> {
                    var found = new ArrayList<URI>();
                    for (var description : access.getAccessDescriptions()) {
                        if (description.getAccessMethod().equals(AccessDescription.id_ad_ocsp)) {
                            address(description.getAccessLocation()).ifPresent(found::add);
                        }
                    }
                    return few(found);
                })
                .orElse(List.of());
    }

    private static List<URI> lists(X509Certificate certificate) {
        return extension(certificate, Extension.cRLDistributionPoints)
                .map(CRLDistPoint::getInstance)
                .map(points -> {
                    var found = new ArrayList<URI>();
                    for (var point : points.getDistributionPoints()) {
                        var name = point.getDistributionPoint();
                        if (name != null && name.getType() == DistributionPointName.FULL_NAME) {
                            for (var one :
                                    GeneralNames.getInstance(name.getName()).getNames()) {
                                address(one).ifPresent(found::add);
                            }
                        }
                    }
                    return few(found);
                })
                .orElse(List.of());
    }

    private static List<URI> few(List<URI> addresses) {
        return List.copyOf(addresses.subList(0, Math.min(MOST_ADDRESSES, addresses.size())));
    }

    private static Optional<Object> extension(
            X509Certificate certificate, org.bouncycastle.asn1.ASN1ObjectIdentifier id) {
        try {
            return Optional.ofNullable(certificate.getExtensionValue(id.getId()))
                    .map(ASN1OctetString::getInstance)
                    .map(ASN1OctetString::getOctets);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** Only plain HTTP is usual, and what is fetched is signed. */
    private static Optional<URI> address(GeneralName name) {
        if (name.getTagNo() != GeneralName.uniformResourceIdentifier) {
            return Optional.empty();
        }
        try {
            return Optional.of(URI.create(name.getName().toString()))
                    .filter(uri -> "http".equals(uri.getScheme()) || "https".equals(uri.getScheme()))
                    .filter(uri -> uri.getHost() != null);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    // Asking

    private Optional<byte[]> ask(URI responder, X509Certificate certificate, X509Certificate issuer, Instant deadline) {
        try {
            var digests = new JcaDigestCalculatorProviderBuilder().build();
            var request = new OCSPReqBuilder()
                    .addRequest(new CertificateID(
                            digests.get(
                                    CertificateID.HASH_SHA1), // the one that every responder knows (RFC 5019 §2.1.1)
                            new JcaX509CertificateHolder(issuer),
                            certificate.getSerialNumber()))
                    .build();
            return send(
                    HttpRequest.newBuilder(responder)
                            .header("Content-Type", "application/ocsp-request")
                            .POST(HttpRequest.BodyPublishers.ofByteArray(request.getEncoded())),
                    LARGEST_OCSP,
                    deadline);
        } catch (OCSPException | OperatorCreationException | GeneralSecurityException | IOException e) {
            LOG.debug("no OCSP request for responder={}", responder, e);
            return Optional.empty();
        }
    }

    private Optional<byte[]> fetch(URI address, Instant deadline) {
        var kept = Optional.ofNullable(lists.getIfPresent(address));
        if (kept.isPresent()) {
            return kept;
        }
        var fetched = send(HttpRequest.newBuilder(address).GET(), LARGEST_CRL, deadline);
        fetched.ifPresent(list -> lists.put(address, list));
        return fetched;
    }

    private Optional<byte[]> send(HttpRequest.Builder request, int largest, Instant deadline) {
        var left = Duration.between(clock.instant(), deadline);
        if (!left.isPositive()) {
            return Optional.empty();
        }
        var limit = left.compareTo(timeout) < 0 ? left : timeout;
        try {
            var answer = LimitedHttp.send(http, request, 200, largest, limit);
            return answer.status() == 200 && !answer.isCut() ? Optional.of(answer.body()) : Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return Optional.empty();
        } catch (IOException | TimeoutException e) {
            LOG.debug("revocation not fetched", e);
            return Optional.empty();
        }
    }
}
