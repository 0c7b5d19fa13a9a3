package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Objects;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import org.airpost.command.Answer;
import org.airpost.identity.Authority;
import org.airpost.identity.PemFiles;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CertificatesTest {

    private final Instant now = Instant.now().truncatedTo(ChronoUnit.SECONDS);

    @TempDir
    private Path folder = Path.of("");

    private Certificates at(Instant time, String... names) {
        return new Certificates(folder, List.of(names), InstantSource.fixed(time));
    }

    @Test
    void theFirstStartMakesAnAuthorityAndACertificate() throws Exception {
        var identity = at(now, "mail.example.org", "192.0.2.7", "2001:db8::7").load();
        var server = identity.certificate();
        assertThat(Authority.names(server))
                .contains("mail.example.org", "localhost", "127.0.0.1", "192.0.2.7", "2001:db8:0:0:0:0:0:7");
        var life = Duration.between(
                server.getNotBefore().toInstant(), server.getNotAfter().toInstant());
        assertThat(life).isEqualTo(Duration.ofDays(397));
        assertThat(server.getExtendedKeyUsage()).containsExactly("1.3.6.1.5.5.7.3.1");
        assertThat(identity.chain()).hasSize(2);
        server.verify(identity.chain().get(1).getPublicKey());
        assertThat(identity.chain().get(1).getBasicConstraints()).isZero();
        for (var key : List.of("ca.key", "server.key")) {
            assertThat(Files.getPosixFilePermissions(folder.resolve(key)))
                    .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        }
    }

    @Test
    void whatIsThereIsUsedAgain() throws Exception {
        var first = at(now).load();
        var second = at(now.plus(Duration.ofDays(300))).load();
        assertThat(second.certificate()).isEqualTo(first.certificate());
        assertThat(second.key()).isEqualTo(first.key());
    }

    @Test
    void itsOwnCertificateIsRenewedInTimeByTheSameAuthority() throws Exception {
        var first = at(now).load();
        var later = now.plus(Duration.ofDays(370));
        assertThat(at(later).isRenewalDue()).isTrue();
        var second = at(later).load();
        assertThat(second.certificate()).isNotEqualTo(first.certificate());
        assertThat(second.chain().get(1)).isEqualTo(first.chain().get(1));
        assertThat(at(later).isRenewalDue()).isFalse();
    }

    @Test
    void aNewNameGetsANewCertificate() throws Exception {
        at(now, "a.example.org").load();
        assertThat(Authority.names(at(now, "b.example.org").load().certificate()))
                .contains("b.example.org");
    }

    @Test
    void aCertificateThatSomebodyPutThereIsUsedAsItIs(@TempDir Path other) throws Exception {
        var theirs = new Certificates(other, List.of("mail.example.org"), InstantSource.fixed(now)).load();
        copy(other, "server.crt");
        copy(other, "server.key");
        var used = at(now.plus(Duration.ofDays(390)), "another.example.org").load();
        assertThat(used.certificate()).isEqualTo(theirs.certificate());
        assertThat(folder.resolve("ca.crt")).doesNotExist();
    }

    private void copy(Path from, String name) throws IOException {
        Files.copy(from.resolve(name), folder.resolve(name), StandardCopyOption.REPLACE_EXISTING);
    }

    @Test
    void aKeyAsOpensslWritesItIsRead() throws Exception {
        for (var suffix : List.of(".crt", ".key")) {
            try (var file = CertificatesTest.class.getResourceAsStream("/certificates/openssl" + suffix)) {
                Files.write(
                        folder.resolve("server" + suffix),
                        Objects.requireNonNull(file).readAllBytes());
            }
        }
        assertThat(at(now).load().key().getAlgorithm()).isIn("EC", "ECDSA");
    }

    @Test
    void aKeyThatDoesNotFitIsNamed(@TempDir Path other) throws Exception {
        at(now).load();
        new Certificates(other, List.of(), InstantSource.fixed(now)).load();
        copy(other, "server.key");
        assertThatThrownBy(() -> at(now).load())
                .isInstanceOf(IOException.class)
                .hasMessageContaining("server.key is not the key of");
    }

    @Test
    void aStartBrokenOffIsTakenUpWithTheSameKeys() throws Exception {
        var first = at(now).load();
        Files.delete(folder.resolve("server.crt"));
        Files.delete(folder.resolve("ca.crt"));
        assertThat(at(now).load().key()).isEqualTo(first.key());
    }

    @Test
    void whatIsNoPemIsNamed() throws Exception {
        at(now).load();
        Files.writeString(folder.resolve("server.crt"), "-----BEGIN CERTIFICATE-----\nxx\n-----END CERTIFICATE-----\n");
        assertThatThrownBy(() -> at(now).load()).isInstanceOf(IOException.class).hasMessageContaining("server.crt");
    }

    @ParameterizedTest
    @ValueSource(strings = {"TLSv1.2", "TLSv1.3"})
    void phonesSpeakEitherTls(String protocol) throws Exception {
        var certificates = at(now);
        try (var server = new TlsServer(new TlsContext(certificates));
                var socket = connect(server.port(), certificates, protocol)) {
            assertThat(socket.getSession().getProtocol()).isEqualTo(protocol);
            try (var phone = new RawPhone(socket)) {
                phone.send("GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n");
                assertThat(phone.read().body()).isEqualTo("ok\n");
            }
        }
    }

    @Test
    void olderTlsIsRefused() throws Exception {
        var certificates = at(now);
        try (var server = new TlsServer(new TlsContext(certificates))) {
            assertThatThrownBy(() ->
                            connect(server.port(), certificates, "TLSv1.1").close())
                    .isInstanceOf(SSLHandshakeException.class);
        }
    }

    @Test
    void aChangedCertificateIsTakenWithoutARestart(@TempDir Path other) throws Exception {
        var certificates = at(now);
        var tls = new TlsContext(certificates);
        try (var server = new TlsServer(tls)) {
            var before = seen(server.port(), certificates);
            assertThat(tls.reload()).isFalse();
            var theirs = new Certificates(other, List.of("new.example.org"), InstantSource.fixed(now));
            theirs.load();
            copy(other, "server.crt");
            assertThat(tls.reload()).as("the key is not there yet").isFalse();
            assertThat(seen(server.port(), certificates)).isEqualTo(before);
            copy(other, "server.key");
            assertThat(tls.reload()).isTrue();
            assertThat(Authority.names(seen(server.port(), theirs))).contains("new.example.org");
        }
    }

    private static X509Certificate seen(int port, Certificates trusted) throws Exception {
        try (var socket = connect(port, trusted, "TLSv1.3")) {
            return (X509Certificate) socket.getSession().getPeerCertificates()[0];
        }
    }

    private static SSLSocket connect(int port, Certificates trusted, String protocol) throws Exception {
        var socket = (SSLSocket) trust(trusted).getSocketFactory().createSocket(InetAddress.getLoopbackAddress(), port);
        socket.setEnabledProtocols(new String[] {protocol});
        socket.setSoTimeout(20_000);
        socket.startHandshake();
        return socket;
    }

    static SSLContext trust(Certificates certificates) throws Exception {
        var store = java.security.KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setCertificateEntry(
                "ca", new PemFiles().certificates(certificates.authority()).getFirst());
        var trust = javax.net.ssl.TrustManagerFactory.getInstance("PKIX");
        trust.init(store);
        var context = SSLContext.getInstance("TLS");
        context.init(null, trust.getTrustManagers(), null);
        return context;
    }

    /** A server with TLS that closes with the test. */
    private record TlsServer(Server server) implements AutoCloseable {

        TlsServer(TlsContext tls) {
            this(Server.start(
                    TestGateway.settings(), tls, TestGateway.gateway(TestGateway::signIn, _ -> new Answer.Empty())));
        }

        int port() {
            return server.port();
        }

        @Override
        public void close() {
            server.stop(Duration.ofMillis(200));
        }
    }
}
