package org.airpost.backend.ldap;

import java.math.BigInteger;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.OperatorCreationException;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;

/** The people of the tests' directories, as LDIF. */
final class People {

    static final byte[] PHOTO = {(byte) 0xFF, (byte) 0xD8, 1, 2, 3};
    static final byte[] CERTIFICATE = certificate();

    private People() {}

    /** Ann and Bob with all that is known of people, many of whom are called Carol, and a printer. */
    static String ldif(String base) {
        var ldif = new StringBuilder("""
                dn: ou=people,%1$s
                objectClass: organizationalUnit
                ou: people

                dn: uid=ann,ou=people,%1$s
                objectClass: inetOrgPerson
                uid: ann
                cn: Ann Müller-Lüdenscheidt
                displayName: Ann Müller
                givenName: Ann
                sn: Müller
                mail: ann@example.org
                mail: ann.mueller@example.org
                telephoneNumber: +49 30 1234-5
                homePhone: 030 99
                mobile: +49 170 77
                title: Baker
                o: Example Ltd
                roomNumber: 3.14
                jpegPhoto:: %2$s
                userCertificate;binary:: %3$s

                dn: uid=bob,ou=people,%1$s
                objectClass: inetOrgPerson
                uid: bob
                cn: Bob Baker
                sn: Baker
                mail: bob@example.org

                dn: uid=printer,ou=people,%1$s
                objectClass: inetOrgPerson
                uid: printer
                cn: Ann's printer
                sn: printer

                """.formatted(
                        base,
                        Base64.getEncoder().encodeToString(PHOTO),
                        Base64.getEncoder().encodeToString(CERTIFICATE)));
        for (int i = 0; i < 30; i++) {
            ldif.append("""
                    dn: uid=carol%1$02d,ou=people,%2$s
                    objectClass: inetOrgPerson
                    uid: carol%1$02d
                    cn: Carol %1$02d
                    sn: Carol
                    mail: carol%1$02d@example.org

                    """.formatted(i, base));
        }
        return ldif.toString();
    }

    private static byte[] certificate() {
        try {
            var generator = KeyPairGenerator.getInstance("EC");
            generator.initialize(256);
            var keys = generator.generateKeyPair();
            var name = new X500Name("CN=ann");
            var now = Instant.now();
            return new JcaX509v3CertificateBuilder(
                            name,
                            BigInteger.ONE,
                            Date.from(now.minusSeconds(60)),
                            Date.from(now.plusSeconds(86_400)),
                            name,
                            keys.getPublic())
                    .build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate()))
                    .getEncoded();
        } catch (GeneralSecurityException | OperatorCreationException | java.io.IOException e) {
            throw new IllegalStateException(e);
        }
    }
}
