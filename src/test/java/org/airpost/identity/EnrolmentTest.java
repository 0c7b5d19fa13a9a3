package org.airpost.identity;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyStore;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.security.interfaces.RSAPrivateKey;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import javax.xml.parsers.DocumentBuilderFactory;
import org.airpost.backend.Home;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Submission;
import org.airpost.backend.UserName;
import org.airpost.store.TestClock;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What a user takes to a phone: the certificate's file and the profile. */
class EnrolmentTest {

    @TempDir
    private Path directory;

    private final TestClock clock = new TestClock();
    private final MemoryStore store = new MemoryStore(clock);

    private DeviceCertificates certificates() throws IOException {
        return DeviceCertificates.open(store, directory, clock, new SecureRandom());
    }

    private static UserName anna() {
        MailBackend mail = _ -> new MailBackend.SignIn.Refused("no");
        Submission submission = (_, _, _, _) -> new Submission.Submitted.Deferred("no");
        return new UserName("anna", "anna", "anna@example.org", new Home("", "{user}", mail, submission), "anna");
    }

    @Test
    void theFileHasTheKeyAndTheChain() throws Exception {
        var enrolled = certificates().enrol(anna(), "Annas Telefon ü", Optional.of("D1"));
        var keys = KeyStore.getInstance("PKCS12");
        var password = enrolled.password().toCharArray();
        keys.load(new ByteArrayInputStream(enrolled.p12()), password);
        var alias = keys.aliases().nextElement();
        assertThat(keys.getKey(alias, password)).isInstanceOf(RSAPrivateKey.class);
        assertThat(keys.getCertificateChain(alias)).hasSize(2);
        var own = (X509Certificate) keys.getCertificate(alias);
        own.verify(certificates().authority().getPublicKey());
        assertThat(own.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.2");
        assertThat(own.getSubjectX500Principal().getName()).isEqualTo("CN=anna@example.org");
        assertThat(enrolled.certificate().ends()).isEqualTo(own.getNotAfter().toInstant());
        assertThat(enrolled.toString()).doesNotContain(enrolled.password());
    }

    /** Older phones read what OpenSSL calls legacy; it reads the file as they do. */
    @Test
    void openSslReadsTheFile() throws Exception {
        var enrolled = certificates().enrol(anna(), "phone", Optional.empty());
        var file = Files.write(directory.resolve("a.p12"), enrolled.p12());
        var openssl = new ProcessBuilder(
                        "openssl",
                        "pkcs12",
                        "-legacy",
                        "-in",
                        file.toString(),
                        "-nodes",
                        "-passin",
                        "pass:" + enrolled.password())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("openssl.txt").toFile())
                .start();
        try {
            assertThat(openssl.waitFor(30, TimeUnit.SECONDS)).isTrue();
        } finally {
            openssl.destroyForcibly();
        }
        assertThat(Files.readString(directory.resolve("openssl.txt")))
                .contains("BEGIN PRIVATE KEY", "CN = anna@example.org", "friendlyName: phone");
    }

    @Test
    void theAuthorityStaysAndItsKeyIsItsOwners() throws Exception {
        var first = certificates().authority();
        assertThat(certificates().authority()).isEqualTo(first);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(directory.resolve("client-ca.key"))))
                .isEqualTo("rw-------");
        assertThat(first.getBasicConstraints()).isZero();
    }

    @Test
    void aProfileNamesTheAccountAndItsCertificate() throws Exception {
        var enrolled = certificates().enrol(anna(), "phone", Optional.empty());
        var profile = new AppleProfile(
                "mail.example.org:8443",
                "anna@example.org",
                "anna",
                Optional.of("<&\">"),
                Optional.of(enrolled.p12()),
                Optional.of(certificates().authority()));
        var text = new String(profile.bytes(), UTF_8);
        var factory = DocumentBuilderFactory.newDefaultNSInstance();
        factory.setFeature("http://apache.org/xml/features/nonvalidating/load-external-dtd", false);
        var document = factory.newDocumentBuilder().parse(new ByteArrayInputStream(profile.bytes()));
        assertThat(document.getDocumentElement().getTagName()).isEqualTo("plist");
        assertThat(text)
                .contains("com.apple.eas.account", "com.apple.security.pkcs12", "com.apple.security.root")
                .contains("<key>Host</key><string>mail.example.org:8443</string>")
                .contains("<key>Password</key><string>&lt;&amp;\"&gt;</string>")
                .doesNotContain(enrolled.password());
        var uuid = text.replaceAll("(?s).*<key>PayloadCertificateUUID</key><string>([^<]*)<.*", "$1");
        assertThat(text).contains("<key>PayloadUUID</key><string>" + uuid + "</string>");
        assertThat(profile.toString()).doesNotContain("<&");
    }

    @Test
    void aProfileWithoutSecretsIsJustTheAccount() {
        var text = new String(
                new AppleProfile(
                                "mail.example.org",
                                "anna@example.org",
                                "anna",
                                Optional.empty(),
                                Optional.empty(),
                                Optional.empty())
                        .bytes(),
                UTF_8);
        assertThat(text).contains("com.apple.eas.account").doesNotContain("Password", "pkcs12", "root");
    }
}
