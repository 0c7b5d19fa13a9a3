package org.airpost.cli.check;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.spec.ECGenParameterSpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** Certificates of every kind that a check meets. */
final class Certificates {

    /** A certificate with its key and whoever has signed it. */
    record Signed(X509Certificate certificate, KeyPair key, Optional<Signed> issuer) {

        /** For a server that sends so many certificates. */
        SSLContext server(int sent) throws Exception {
            var chain = new java.util.ArrayList<X509Certificate>();
            for (Optional<Signed> next = Optional.of(this); next.isPresent() && chain.size() < sent; ) {
                chain.add(next.get().certificate());
                next = next.get().issuer();
            }
            var store = KeyStore.getInstance("PKCS12");
            store.load(null, null);
            store.setKeyEntry("key", key.getPrivate(), new char[0], chain.toArray(X509Certificate[]::new));
            var keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
            keys.init(store, new char[0]);
            var context = SSLContext.getInstance("TLS");
            context.init(keys.getKeyManagers(), null, null);
            return context;
        }
    }

    private Certificates() {}

    static Signed authority(String name) throws Exception {
        return make(name, List.of(), Duration.ofDays(-1), Duration.ofDays(3_000), Optional.empty(), true);
    }

    static Signed intermediate(String name, Signed issuer) throws Exception {
        return make(name, List.of(), Duration.ofDays(-1), Duration.ofDays(3_000), Optional.of(issuer), true);
    }

    static Signed server(Signed issuer, String... names) throws Exception {
        return server(issuer, Duration.ofDays(60), names);
    }

    /** One that ends after this time from now on, perhaps a negative one. */
    static Signed server(Signed issuer, Duration end, String... names) throws Exception {
        return make("CN=" + names[0], List.of(names), Duration.ofDays(-90), end, Optional.of(issuer), false);
    }

    private static Signed make(
            String name, List<String> names, Duration from, Duration to, Optional<Signed> issuer, boolean authority)
            throws Exception {
        var generator = KeyPairGenerator.getInstance("EC");
        generator.initialize(new ECGenParameterSpec("secp256r1"));
        var key = generator.generateKeyPair();
        var now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                issuer.map(by -> by.certificate().getSubjectX500Principal()).orElse(new X500Principal(name)),
                new BigInteger(100, new SecureRandom()),
                Date.from(now.plus(from)),
                Date.from(now.plus(to)),
                new X500Principal(name),
                key.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        if (!names.isEmpty()) {
            builder.addExtension(
                    Extension.subjectAlternativeName,
                    false,
                    new GeneralNames(names.stream()
                            .map(text -> new GeneralName(GeneralName.dNSName, text))
                            .toArray(GeneralName[]::new)));
        }
        var signer = new JcaContentSignerBuilder("SHA256withECDSA")
                .build(issuer.map(by -> by.key().getPrivate()).orElse(key.getPrivate()));
        return new Signed(new JcaX509CertificateConverter().getCertificate(builder.build(signer)), key, issuer);
    }

    static X509TrustManager believing(Signed authority) throws GeneralSecurityException, java.io.IOException {
        var store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry("ca", authority.certificate());
        var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        managers.init(store);
        return Arrays.stream(managers.getTrustManagers())
                .filter(X509TrustManager.class::isInstance)
                .map(X509TrustManager.class::cast)
                .findFirst()
                .orElseThrow();
    }
}
