package org.airpost.identity;

import java.io.IOException;
import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.InvalidKeyException;
import java.security.KeyPair;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.SecureRandom;
import java.security.Signature;
import java.security.SignatureException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.util.Collection;
import java.util.Date;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import javax.security.auth.x500.X500Principal;
import org.bouncycastle.asn1.x500.X500NameBuilder;
import org.bouncycastle.asn1.x500.style.BCStyle;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.GeneralName;
import org.bouncycastle.asn1.x509.GeneralNames;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** A certificate authority of Airpost's own, for its server or for devices, as phones want one. Source: RFC 5280 §4.2; Apple HT211025 on 398 days. */
public final class Authority {

    private static final Duration OWN_LIFE = Duration.ofDays(3_652);

    /** With the day before it that is for clocks that go slow, 397 days. */
    private static final Duration LIFE = Duration.ofDays(396);

    private static final Duration SLOW_CLOCKS = Duration.ofDays(1);
    private static final String SIGNATURE = "SHA256withECDSA";

    /** Kinds of names in a certificate. Source: RFC 5280 §4.2.1.6. */
    private static final Set<Integer> NAME_KINDS = Set.of(GeneralName.dNSName, GeneralName.iPAddress);

    private final KeyPair key;
    private final X509Certificate certificate;

    public Authority(KeyPair key, X509Certificate certificate) {
        this.key = key;
        this.certificate = certificate;
    }

    /** A new authority for a key, with this name and some letters of its own. */
    public static Authority make(KeyPair key, String called, Instant now) throws GeneralSecurityException, IOException {
        var serial = serial();
        // The serial in the name tells two authorities of one company apart on a phone.
        var name = new X500Principal("CN=" + called + " " + serial.toString(36).substring(0, 8));
        var builder = new JcaX509v3CertificateBuilder(
                name, serial, Date.from(now.minus(SLOW_CLOCKS)), Date.from(now.plus(OWN_LIFE)), name, key.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(0));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.keyCertSign | KeyUsage.cRLSign));
        builder.addExtension(
                Extension.subjectKeyIdentifier,
                false,
                new JcaX509ExtensionUtils().createSubjectKeyIdentifier(key.getPublic()));
        return new Authority(key, sign(builder, key.getPrivate()));
    }

    public X509Certificate certificate() {
        return certificate;
    }

    /** A server's certificate for names and addresses. */
    public X509Certificate issue(PublicKey server, List<String> names, Instant now)
            throws GeneralSecurityException, IOException {
        return issue(
                new X500Principal("CN=Airpost"),
                server,
                KeyPurposeId.id_kp_serverAuth,
                new GeneralNames(names.stream().map(Authority::generalName).toArray(GeneralName[]::new)),
                now);
    }

    /** A device's certificate, for the user with this address; {@code id} is an URI that says who it is. */
    public X509Certificate issueForDevice(PublicKey device, String address, String id, Instant now)
            throws GeneralSecurityException, IOException {
        // A common name has 64 characters at most. Source: RFC 5280 appendix A.1.
        var name = new X500NameBuilder()
                .addRDN(BCStyle.CN, address.substring(0, Math.min(address.length(), 64)))
                .build();
        return issue(
                new X500Principal(name.getEncoded()),
                device,
                KeyPurposeId.id_kp_clientAuth,
                new GeneralNames(new GeneralName(GeneralName.uniformResourceIdentifier, id)),
                now);
    }

    private X509Certificate issue(
            X500Principal subject, PublicKey owner, KeyPurposeId purpose, GeneralNames names, Instant now)
            throws GeneralSecurityException, IOException {
        var end = now.plus(LIFE);
        var own = certificate.getNotAfter().toInstant();
        if (!own.isAfter(now)) {
            throw new GeneralSecurityException(
                    "the authority ended at %s: remove its .crt file, and let phones trust the new one".formatted(own));
        }
        var utils = new JcaX509ExtensionUtils();
        var builder = new JcaX509v3CertificateBuilder(
                certificate,
                serial(),
                Date.from(now.minus(SLOW_CLOCKS)),
                Date.from(end.isBefore(own) ? end : own),
                subject,
                owner);
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(false));
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, false, new ExtendedKeyUsage(purpose));
        builder.addExtension(Extension.subjectAlternativeName, false, names);
        builder.addExtension(Extension.subjectKeyIdentifier, false, utils.createSubjectKeyIdentifier(owner));
        builder.addExtension(Extension.authorityKeyIdentifier, false, utils.createAuthorityKeyIdentifier(certificate));
        return sign(builder, key.getPrivate());
    }

    private static GeneralName generalName(String name) {
        boolean address = name.contains(":") || name.matches("[0-9.]+");
        return new GeneralName(address ? GeneralName.iPAddress : GeneralName.dNSName, name);
    }

    /** Host names and addresses that a certificate is for. */
    public static Set<String> names(X509Certificate certificate) throws GeneralSecurityException {
        var names = new TreeSet<String>();
        Collection<List<?>> all = certificate.getSubjectAlternativeNames();
        if (all != null) {
            for (var entry : all) {
                if (NAME_KINDS.contains(entry.get(0))) {
                    names.add(String.valueOf(entry.get(1)));
                }
            }
        }
        return names;
    }

    /** True if the first signed the second. */
    public static boolean signed(X509Certificate authority, X509Certificate certificate)
            throws GeneralSecurityException {
        if (!authority.getSubjectX500Principal().equals(certificate.getIssuerX500Principal())) {
            return false;
        }
        try {
            certificate.verify(authority.getPublicKey());
            return true;
        } catch (SignatureException | InvalidKeyException e) {
            return false;
        }
    }

    /** True if the two are halves of one key: what the one signs the other accepts. */
    public static boolean fits(PrivateKey secret, PublicKey open) throws GeneralSecurityException {
        if (!secret.getAlgorithm().equals(open.getAlgorithm())) {
            return false;
        }
        var algorithm = switch (secret.getAlgorithm()) {
            case "RSA" -> "SHA256withRSA";
            case "EC", "ECDSA" -> SIGNATURE;
            default -> secret.getAlgorithm();
        };
        var probe = new byte[32];
        var signer = Signature.getInstance(algorithm);
        signer.initSign(secret);
        signer.update(probe);
        var signature = signer.sign();
        var verifier = Signature.getInstance(algorithm);
        verifier.initVerify(open);
        verifier.update(probe);
        try {
            return verifier.verify(signature);
        } catch (SignatureException e) {
            return false;
        }
    }

    private static BigInteger serial() {
        // 126 bits and a leading one: positive, never short. Source: RFC 5280 §4.1.2.2.
        return new BigInteger(126, new SecureRandom()).setBit(126);
    }

    private static X509Certificate sign(JcaX509v3CertificateBuilder builder, PrivateKey key)
            throws GeneralSecurityException {
        try {
            return new JcaX509CertificateConverter()
                    .getCertificate(builder.build(new JcaContentSignerBuilder(SIGNATURE).build(key)));
        } catch (OperatorCreationException e) {
            throw new GeneralSecurityException(e);
        }
    }
}
