package org.airpost.convert;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import jakarta.mail.internet.MimeBodyPart;
import jakarta.mail.internet.MimeMessage;
import jakarta.mail.internet.MimeMultipart;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Base64;
import java.util.Date;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.CMSAlgorithm;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoVerifierBuilder;
import org.bouncycastle.cms.jcajce.JceCMSContentEncryptorBuilder;
import org.bouncycastle.cms.jcajce.JceKeyTransEnvelopedRecipient;
import org.bouncycastle.cms.jcajce.JceKeyTransRecipientInfoGenerator;
import org.bouncycastle.jce.provider.BouncyCastleProvider;
import org.bouncycastle.mail.smime.SMIMEEnveloped;
import org.bouncycastle.mail.smime.SMIMEEnvelopedGenerator;
import org.bouncycastle.mail.smime.SMIMESigned;
import org.bouncycastle.mail.smime.SMIMESignedGenerator;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** What was signed or sealed still is so when the phone has it: as Bouncy Castle and openssl see it. */
class SealedMailsTest {

    private static final BouncyCastleProvider BC = new BouncyCastleProvider();
    private static final String HEADER = """
            From: Ada <ada@example.org>
            To: bob@example.org
            Subject:  Two  spaces
             and a fold
            Date: Thu, 19 Nov 2026 17:04:05 +0100
            X-Odd:\t8bit \u00c3\u00a4
            """.replace("\n", "\r\n");
    private static final String TEXT =
            "Text with = signs, trailing spaces   \r\n.\r\nFrom here.\r\n\tGr\u00c3\u00bc\u00c3\u009fe\r\n\r\n";

    private static KeyPair key;
    private static X509Certificate certificate;

    @TempDir
    private Path directory;

    @BeforeAll
    static void aCertificate() throws Exception {
        Files.createDirectories(Path.of(System.getProperty("java.io.tmpdir")));
        var generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(2048);
        key = generator.generateKeyPair();
        var name = new X500Name("CN=Ada, E=ada@example.org");
        var now = Instant.now();
        certificate = new JcaX509CertificateConverter()
                .getCertificate(new JcaX509v3CertificateBuilder(
                                name,
                                BigInteger.TEN,
                                Date.from(now.minusSeconds(60)),
                                Date.from(now.plusSeconds(3_600)),
                                name,
                                key.getPublic())
                        .build(new JcaContentSignerBuilder("SHA256withRSA").build(key.getPrivate())));
    }

    private static byte[] onThePhone(byte[] message, int mimeSupport, ProtocolVersion version) throws Exception {
        var options = new BodyOptions(
                List.of(
                        new BodyPreference(BodyType.HTML, Optional.of(1_000L), false, 0),
                        new BodyPreference(BodyType.MIME, Optional.of(50L), false, 0)),
                Optional.empty(),
                mimeSupport,
                Optional.empty());
        return data(ItemDump.wbxml(FakeMail.with(message), options, version));
    }

    private static MimeBodyPart part() throws Exception {
        return new MimeBodyPart(
                new ByteArrayInputStream("""
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: quoted-printable

                Signed =C3=A4 text with spaces=20

                .
                End
                """.replace("\n", "\r\n").getBytes(ISO_8859_1)));
    }

    private static byte[] message(String contentType, ByteArrayOutputStream content) {
        var out = new ByteArrayOutputStream();
        out.writeBytes(
                (HEADER + "MIME-Version: 1.0\r\nContent-Type: " + contentType + "\r\n\r\n").getBytes(ISO_8859_1));
        out.writeBytes(content.toByteArray());
        return out.toByteArray();
    }

    private static byte[] signed() throws Exception {
        var generator = new SMIMESignedGenerator();
        generator.addSignerInfoGenerator(new JcaSimpleSignerInfoGeneratorBuilder()
                .setProvider(BC)
                .build("SHA256withRSA", key.getPrivate(), certificate));
        generator.addCertificates(new JcaCertStore(List.of(certificate)));
        MimeMultipart multipart = generator.generate(part());
        var content = new ByteArrayOutputStream();
        multipart.writeTo(content);
        return message(multipart.getContentType(), content);
    }

    private static byte[] encrypted() throws Exception {
        var generator = new SMIMEEnvelopedGenerator();
        generator.addRecipientInfoGenerator(new JceKeyTransRecipientInfoGenerator(certificate).setProvider(BC));
        var sealed = generator.generate(
                part(),
                new JceCMSContentEncryptorBuilder(CMSAlgorithm.AES256_CBC)
                        .setProvider(BC)
                        .build());
        var out = new ByteArrayOutputStream();
        out.writeBytes((HEADER + "MIME-Version: 1.0\r\n").getBytes(ISO_8859_1));
        sealed.writeTo(out);
        return out.toByteArray();
    }

    @ParameterizedTest
    @EnumSource
    void aSignatureHolds(ProtocolVersion version) throws Exception {
        var original = signed();
        var received = onThePhone(original, 1, version);
        assertThat(received).isEqualTo(original);
        var message = new MimeMessage(null, new ByteArrayInputStream(received));
        var signed = new SMIMESigned((MimeMultipart) message.getContent());
        for (var signer : signed.getSignerInfos().getSigners()) {
            assertThat(signer.verify(new JcaSimpleSignerInfoVerifierBuilder()
                            .setProvider(BC)
                            .build(certificate)))
                    .isTrue();
        }
        assertThat(signed.getSignerInfos().size()).isEqualTo(1);
    }

    @ParameterizedTest
    @EnumSource
    void aSealedMailOpens(ProtocolVersion version) throws Exception {
        var received = onThePhone(encrypted(), 1, version);
        var sealed = new SMIMEEnveloped(new MimeMessage(null, new ByteArrayInputStream(received)));
        var recipient = sealed.getRecipientInfos().getRecipients().iterator().next();
        var opened = recipient.getContent(new JceKeyTransEnvelopedRecipient(key.getPrivate()).setProvider(BC));
        assertThat(new String(opened, UTF_8)).contains("Signed =C3=A4 text");
    }

    @Test
    void opensslSaysTheSame() throws Exception {
        boolean there = Files.isExecutable(Path.of("/usr/bin/openssl"));
        if (!"true".equals(System.getenv("CI"))) {
            Assumptions.assumeTrue(there, "no openssl here: the signature is checked by Bouncy Castle alone");
        }
        var pem = Base64.getMimeEncoder();
        Files.writeString(
                directory.resolve("key.pem"),
                "-----BEGIN PRIVATE KEY-----\n"
                        + pem.encodeToString(key.getPrivate().getEncoded()) + "\n-----END PRIVATE KEY-----\n");
        Files.writeString(
                directory.resolve("certificate.pem"),
                "-----BEGIN CERTIFICATE-----\n" + pem.encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
        Files.write(directory.resolve("signed.eml"), onThePhone(signed(), 1, ProtocolVersion.V16_1));
        Files.write(directory.resolve("sealed.eml"), onThePhone(encrypted(), 1, ProtocolVersion.V16_1));
        openssl("cms", "-verify", "-in", "signed.eml", "-CAfile", "certificate.pem", "-purpose", "any", "-out", "text");
        assertThat(Files.readString(directory.resolve("text"))).contains("Signed =C3=A4 text");
        openssl(
                "cms",
                "-decrypt",
                "-in",
                "sealed.eml",
                "-inkey",
                "key.pem",
                "-recip",
                "certificate.pem",
                "-out",
                "opened");
        assertThat(Files.readString(directory.resolve("opened"))).contains("Signed =C3=A4 text");
    }

    private void openssl(String... arguments) throws Exception {
        var command = new java.util.ArrayList<>(List.of("/usr/bin/openssl"));
        command.addAll(List.of(arguments));
        var log = directory.resolve("log").toFile();
        var process = new ProcessBuilder(command)
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log)
                .start();
        if (!process.waitFor(30, TimeUnit.SECONDS)) {
            process.destroyForcibly();
        }
        assertThat(process.waitFor())
                .as("%s: %s", command, Files.readString(log.toPath()))
                .isZero();
    }

    /** With canonicalization simple/simple, any changed byte breaks it. Source: RFC 6376 sections 3.4 and 3.7. */
    @ParameterizedTest
    @EnumSource
    void aDkimSignatureHolds(ProtocolVersion version) throws Exception {
        var hash = Base64.getEncoder()
                .encodeToString(MessageDigest.getInstance("SHA-256").digest(simple(TEXT)));
        var field = "DKIM-Signature: v=1; a=rsa-sha256; c=simple/simple; d=example.org; s=x;\r\n"
                + " h=from:to:subject:x-odd;\r\n bh=" + hash + ";\r\n b=";
        var signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(key.getPrivate());
        signature.update((signedFields(HEADER) + field).getBytes(ISO_8859_1));
        var message = field + Base64.getEncoder().encodeToString(signature.sign()) + "\r\n" + HEADER
                + "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n"
                + TEXT;

        var received = new String(onThePhoneWhole(message.getBytes(ISO_8859_1), version), ISO_8859_1);
        int end = received.indexOf("\r\n\r\n");
        var body = received.substring(end + 4);
        assertThat(Base64.getEncoder()
                        .encodeToString(MessageDigest.getInstance("SHA-256").digest(simple(body))))
                .isEqualTo(hash);
        int b = received.indexOf(" b=") + 3;
        var own = received.substring(0, b);
        var value = received.substring(b, received.indexOf("\r\n", b));
        signature.initVerify(key.getPublic());
        signature.update((signedFields(received.substring(0, end + 2)) + own).getBytes(ISO_8859_1));
        assertThat(signature.verify(Base64.getDecoder().decode(value))).isTrue();
    }

    private static byte[] onThePhoneWhole(byte[] message, ProtocolVersion version) throws Exception {
        var options = new BodyOptions(
                List.of(new BodyPreference(BodyType.MIME, Optional.empty(), false, 0)),
                Optional.empty(),
                2,
                Optional.empty());
        return data(ItemDump.wbxml(FakeMail.with(message), options, version));
    }

    private static byte[] data(byte[] item) throws Exception {
        var in = new WbxmlReader(new ByteArrayInputStream(item), new WbxmlLimits(32, 100_000, 16 << 20, 256L << 20));
        in.root(AirSync.APPLICATION_DATA);
        Optional<byte[]> data = Optional.empty();
        while (in.child()) {
            if (in.tag() == AirSyncBase.BODY) {
                while (in.child()) {
                    if (in.tag() == AirSyncBase.DATA) {
                        data = Optional.of(in.bytes().readAllBytes());
                    } else {
                        in.skip();
                    }
                }
            } else {
                in.skip();
            }
        }
        return data.orElseThrow();
    }

    private static String signedFields(String header) {
        var fields = new HashMap<String, String>();
        for (var field : header.split("\r\n(?![ \t])", -1)) {
            if (field.indexOf(':') > 0) {
                fields.putIfAbsent(
                        field.substring(0, field.indexOf(':')).toLowerCase(java.util.Locale.ROOT), field + "\r\n");
            }
        }
        return fields.get("from") + fields.get("to") + fields.get("subject") + fields.get("x-odd");
    }

    private static byte[] simple(String body) {
        return (body.replaceFirst("(\r\n)*$", "") + "\r\n").getBytes(ISO_8859_1);
    }
}
