package org.airpost.backend.certificate;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.StringWriter;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.time.Duration;
import java.time.Instant;
import java.util.Date;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.bouncycastle.asn1.DERIA5String;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AccessDescription;
import org.bouncycastle.asn1.x509.AuthorityInformationAccess;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.CRLDistPoint;
import org.bouncycastle.asn1.x509.CRLReason;
import org.bouncycastle.asn1.x509.DistributionPoint;
import org.bouncycastle.asn1.x509.DistributionPointName;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cert.ocsp.CertificateStatus;
import org.bouncycastle.cert.ocsp.OCSPException;
import org.bouncycastle.cert.ocsp.OCSPReq;
import org.bouncycastle.cert.ocsp.OCSPResp;
import org.bouncycastle.cert.ocsp.OCSPRespBuilder;
import org.bouncycastle.cert.ocsp.RevokedStatus;
import org.bouncycastle.cert.ocsp.UnknownStatus;
import org.bouncycastle.cert.ocsp.jcajce.JcaBasicOCSPRespBuilder;
import org.bouncycastle.openssl.jcajce.JcaPEMWriter;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;

/** Authorities and certificates of a test, and an HTTP server that says what is revoked. */
final class Pki implements AutoCloseable {

    static final Instant NOW = Instant.parse("2026-11-26T12:00:00Z");

    private final HttpServer http;
    private final Map<String, Authority> authorities = new HashMap<>();
    private final Set<BigInteger> revoked = new HashSet<>();
    final AtomicInteger asked = new AtomicInteger();
    private long serial = 100;

    Pki() throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/crl/", exchange -> answer(exchange, true));
        http.createContext("/ocsp/", exchange -> answer(exchange, false));
        http.start();
    }

    /** What an authority names, where others find out what is revoked. */
    enum Says {
        NOTHING,
        CRL,
        OCSP,
        /** An address at which nobody is. */
        NOBODY
    }

    /** A certificate with its key. */
    record Authority(String name, KeyPair keys, X509CertificateHolder certificate) {

        byte[] der() {
            try {
                return certificate.getEncoded();
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    /** A certificate to be made; the usual one is a person's, for mail, good for a day. */
    final class Maker {
        private final String name;
        private Instant from = NOW.minus(Duration.ofDays(1));
        private Instant until = NOW.plus(Duration.ofDays(1));
        private boolean authority;
        private int usage = KeyUsage.digitalSignature;
        private KeyPurposeId purpose = KeyPurposeId.id_kp_emailProtection;
        private Says says = Says.NOTHING;

        private Maker(String name) {
            this.name = name;
        }

        Maker authority() {
            authority = true;
            usage = KeyUsage.keyCertSign | KeyUsage.cRLSign | KeyUsage.digitalSignature;
            return this;
        }

        Maker expired() {
            until = NOW.minusSeconds(1);
            return this;
        }

        Maker notYet() {
            from = NOW.plusSeconds(60);
            return this;
        }

        Maker usage(int bits) {
            usage = bits;
            return this;
        }

        Maker purpose(KeyPurposeId other) {
            purpose = other;
            return this;
        }

        Maker says(Says other) {
            says = other;
            return this;
        }

        /** Signs itself. */
        Authority own() {
            var keys = keys();
            return signed(keys, name, keys);
        }

        Authority by(Authority issuer) {
            return signed(keys(), issuer.name(), issuer.keys());
        }

        /** Says that it is of this issuer, and is not. */
        Authority forgedBy(Authority issuer) {
            return signed(keys(), issuer.name(), keys());
        }

        private Authority signed(KeyPair keys, String issuer, KeyPair signer) {
            try {
                var builder = new JcaX509v3CertificateBuilder(
                        new X500Name("CN=" + issuer),
                        BigInteger.valueOf(serial++),
                        Date.from(from),
                        Date.from(until),
                        new X500Name("CN=" + name),
                        keys.getPublic());
                if (authority) {
                    builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(true));
                } else {
                    builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
                }
                builder.addExtension(Extension.keyUsage, true, new KeyUsage(usage));
                var place = "http://127.0.0.1:%d/".formatted(http.getAddress().getPort());
                switch (says) {
                    case NOTHING -> {}
                    case OCSP ->
                        builder.addExtension(Extension.authorityInfoAccess, false, responder(place + "ocsp/" + issuer));
                    case CRL ->
                        builder.addExtension(Extension.cRLDistributionPoints, false, list(place + "crl/" + issuer));
                    case NOBODY -> builder.addExtension(Extension.cRLDistributionPoints, false, list(place + "none"));
                }
                var made = new Authority(
                        name,
                        keys,
                        builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(signer.getPrivate())));
                authorities.put(name, made);
                return made;
            } catch (IOException | OperatorCreationException e) {
                throw new IllegalStateException(e);
            }
        }
    }

    Maker make(String name) {
        return new Maker(name);
    }

    void revoke(Authority certificate) {
        revoked.add(certificate.certificate().getSerialNumber());
    }

    private static AuthorityInformationAccess responder(String address) {
        return new AuthorityInformationAccess(AccessDescription.id_ad_ocsp, uri(address));
    }

    private static CRLDistPoint list(String address) {
        return new CRLDistPoint(new DistributionPoint[] {
            new DistributionPoint(new DistributionPointName(new GeneralNames(uri(address))), null, null)
        });
    }

    private static GeneralName uri(String address) {
        return new GeneralName(GeneralName.uniformResourceIdentifier, new DERIA5String(address));
    }

    private static KeyPair keys() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange, boolean list) throws IOException {
        asked.incrementAndGet();
        var path = exchange.getRequestURI().getPath();
        var authority = Objects.requireNonNull(authorities.get(path.substring(path.lastIndexOf('/') + 1)));
        try (exchange) {
            var body = list
                    ? crl(authority)
                    : ocsp(authority, exchange.getRequestBody().readAllBytes());
            exchange.sendResponseHeaders(200, body.length);
            exchange.getResponseBody().write(body);
        } catch (GeneralSecurityException | OperatorCreationException | OCSPException e) {
            throw new IllegalStateException(e);
        }
    }

    private byte[] crl(Authority authority) throws IOException, OperatorCreationException {
        var builder = new JcaX509v2CRLBuilder(
                new javax.security.auth.x500.X500Principal("CN=" + authority.name()), Date.from(NOW.minusSeconds(60)));
        builder.setNextUpdate(Date.from(NOW.plusSeconds(3600)));
        revoked.forEach(
                serial -> builder.addCRLEntry(serial, Date.from(NOW.minusSeconds(120)), CRLReason.keyCompromise));
        return builder.build(new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(authority.keys().getPrivate()))
                .getEncoded();
    }

    private byte[] ocsp(Authority authority, byte[] body)
            throws IOException, OperatorCreationException, OCSPException, GeneralSecurityException {
        var request = new OCSPReq(body);
        var digests = new JcaDigestCalculatorProviderBuilder().build();
        var certificate = new JcaX509CertificateConverter().getCertificate(authority.certificate());
        var builder = new JcaBasicOCSPRespBuilder(
                certificate.getPublicKey(), digests.get(org.bouncycastle.cert.ocsp.RespID.HASH_SHA1));
        for (var one : request.getRequestList()) {
            CertificateStatus status = revoked.contains(one.getCertID().getSerialNumber())
                    ? new RevokedStatus(Date.from(NOW.minusSeconds(120)), CRLReason.keyCompromise)
                    : authority.name().equals("Ignorant") ? new UnknownStatus() : CertificateStatus.GOOD;
            builder.addResponse(
                    one.getCertID(), status, Date.from(NOW.minusSeconds(60)), Date.from(NOW.plusSeconds(3600)), null);
        }
        var basic = builder.build(
                new JcaContentSignerBuilder("SHA256withECDSA")
                        .build(authority.keys().getPrivate()),
                new X509CertificateHolder[] {new JcaX509CertificateHolder(certificate)},
                Date.from(NOW));
        OCSPResp response = new OCSPRespBuilder().build(OCSPRespBuilder.SUCCESSFUL, basic);
        return response.getEncoded();
    }

    /** A PEM file with the certificates of these authorities. */
    static Path pem(Path directory, Authority... trusted) throws IOException {
        var text = new StringWriter();
        try (var writer = new JcaPEMWriter(text)) {
            for (var one : trusted) {
                writer.writeObject(one.certificate());
            }
        }
        return Files.writeString(directory.resolve("trusted.pem"), text.toString());
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
