package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.Principal;
import java.security.PrivateKey;
import java.security.SecureRandom;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedKeyManager;
import org.airpost.admin.Actor;
import org.airpost.admin.AdminSocket;
import org.airpost.admin.AdminWords;
import org.airpost.admin.Role;
import org.airpost.app.Gateway;
import org.airpost.backend.Home;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Submission;
import org.airpost.backend.UserName;
import org.airpost.backend.imap.Dovecot;
import org.airpost.config.Config;
import org.airpost.device.Wipe;
import org.airpost.eas.BodyType;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.identity.DeviceCertificates;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.SyncRequest;
import org.airpost.store.memory.MemoryStore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Phones that sign in by app password and by certificate, and reach Dovecot by its master user. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class DeviceCredentialsDovecotTest {

    private static final SyncRequest WINDOW =
            SyncRequest.PLAIN.withWindowSize(100).withBody(BodyType.PLAIN_TEXT, 4096);

    @TempDir
    private Path directory;

    private final List<AutoCloseable> open = new ArrayList<>();

    @BeforeEach
    void needsDovecot() {
        Dovecot.assumeInstalled();
    }

    @AfterEach
    void closeAll() throws Exception {
        for (var one : open.reversed()) {
            one.close();
        }
    }

    private <T extends AutoCloseable> T closing(T one) {
        open.add(one);
        return one;
    }

    private Dovecot dovecot() {
        var dovecot = closing(Dovecot.startWithMaster("master-secret"));
        dovecot.addUser("anna", "secret").addUser("bob", "secret");
        return dovecot;
    }

    private Gateway gateway(Dovecot dovecot, Map<String, String> more) throws IOException {
        var settings = new HashMap<String, String>();
        settings.put("AIRPOST_HTTP_PORT", "0");
        settings.put("AIRPOST_CONSOLE_ENABLED", "false");
        settings.put("AIRPOST_HTTP_ADDRESS", "127.0.0.1");
        settings.put("AIRPOST_HTTP_GRACEFUL_STOP", "1 s");
        settings.put("AIRPOST_STORE_PATH", store().toString());
        settings.put("AIRPOST_TLS_DIRECTORY", directory.resolve("certs").toString());
        settings.put("AIRPOST_IMAP_HOST", "127.0.0.1");
        settings.put("AIRPOST_IMAP_PORT", Integer.toString(dovecot.port()));
        settings.put("AIRPOST_IMAP_SECURITY", "plain");
        settings.put("AIRPOST_USERS_DOMAIN", "example.org");
        settings.put("AIRPOST_LOGIN_MASTER_USER", "{login}*master");
        settings.put("AIRPOST_LOGIN_MASTER_PASSWORD", "master-secret");
        settings.putAll(more);
        return closing(Gateway.start(Config.load(Optional.empty(), settings)));
    }

    private Path store() {
        return directory.resolve("airpost.db");
    }

    private List<String> ask(String... words) throws IOException {
        var answer = AdminSocket.ask(AdminSocket.beside(store()), AdminWords.encode(List.of(words)));
        assertThat(answer.done()).as("%s", answer.lines()).isTrue();
        return answer.lines();
    }

    private SSLContext tls(KeyManager... keys) throws GeneralSecurityException, IOException {
        var trusted = KeyStore.getInstance(KeyStore.getDefaultType());
        trusted.load(null, null);
        try (var in = Files.newInputStream(directory.resolve("certs/ca.crt"))) {
            trusted.setCertificateEntry(
                    "ca", CertificateFactory.getInstance("X.509").generateCertificate(in));
        }
        var trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
        trust.init(trusted);
        var context = SSLContext.getInstance("TLS");
        context.init(keys, trust.getTrustManagers(), new SecureRandom());
        return context;
    }

    private static KeyManager[] keys(List<String> made) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance("PKCS12");
        var password = made.get(1).toCharArray();
        store.load(new ByteArrayInputStream(Base64.getDecoder().decode(made.get(2))), password);
        var factory = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        factory.init(store, password);
        return factory.getKeyManagers();
    }

    private Phone phone(Gateway gateway, String password, String device, SSLContext tls) {
        return closing(
                new Phone(gateway.address(), "anna", password, ProtocolVersion.V16_1, device, "AirpostPhone", tls));
    }

    private static String inbox(Phone phone) {
        return phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
    }

    private static void syncs(Phone phone, int mails) {
        phone.provision();
        phone.folderSync();
        phone.syncAll(inbox(phone), WINDOW);
        assertThat(phone.replica(inbox(phone)).items()).hasSize(mails);
        assertThat(phone.violations()).isEmpty();
    }

    private static void refused(int status, Runnable request) {
        assertThatThrownBy(request::run)
                .isInstanceOfSatisfying(
                        PhoneException.class, e -> assertThat(e.httpStatus()).isEqualTo(status));
    }

    @Test
    void aPhoneWithAnAppPasswordSyncsUntilItIsRevoked() throws Exception {
        var dovecot = dovecot();
        closing(new Desktop(dovecot.port(), "anna", "secret")).append("INBOX", "hello");
        var gateway = gateway(dovecot, Map.of("AIRPOST_LOGIN_MAIL_PASSWORD", "false"));
        var made = ask("password", "make", "anna", "Anna's phone");
        var phone = phone(gateway, made.get(1), "D1", tls());
        syncs(phone, 1);
        assertThat(ask("password", "list", "anna").getFirst()).contains("Anna's phone\tD1");

        refused(401, () -> phone(gateway, made.get(1), "D2", tls0()).folderSync());
        refused(401, () -> phone(gateway, "secret", "D1", tls0()).folderSync());

        ask("password", "revoke", "anna", made.getFirst());
        refused(401, phone::folderSync);
    }

    /** Source: RFC 4616: the user is the authzid. */
    @Test
    void aMasterUserMayActForTheUserInstead() throws Exception {
        var dovecot = dovecot();
        closing(new Desktop(dovecot.port(), "anna", "secret")).append("INBOX", "hello");
        var gateway = gateway(dovecot, Map.of("AIRPOST_LOGIN_MASTER_USER", "root"));
        var made = ask("password", "make", "anna", "phone");
        syncs(phone(gateway, made.get(1), "D1", tls()), 1);
    }

    /** In a lambda. */
    private SSLContext tls0(KeyManager... keys) {
        try {
            return tls(keys);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalStateException(e);
        }
    }

    @Test
    void aPhoneThatWaitsGetsNothingMoreOnceItIsRevoked() throws Exception {
        var dovecot = dovecot();
        var desktop = closing(new Desktop(dovecot.port(), "anna", "secret"));
        var gateway = gateway(dovecot, Map.of());
        var made = ask("password", "make", "anna", "phone");
        var phone = phone(gateway, made.get(1), "D1", tls());
        syncs(phone, 0);
        try (var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var ping = CompletableFuture.supplyAsync(
                    () -> phone.ping(List.of(inbox(phone)), Duration.ofSeconds(60)), threads);
            Awaitility.await().atMost(Duration.ofSeconds(20)).until(() -> gateway.waiting() == 1);
            ask("password", "revoke", "anna", made.getFirst());
            desktop.append("INBOX", "not for this phone");
            assertThatThrownBy(() -> ping.get(30, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            PhoneException.class,
                            e -> assertThat(e.httpStatus()).isEqualTo(401));
        }
        assertThat(gateway.waiting()).isZero();
    }

    @Test
    void aPhoneWithACertificateNeedsNoPassword() throws Exception {
        var dovecot = dovecot();
        closing(new Desktop(dovecot.port(), "anna", "secret")).append("INBOX", "hello");
        var gateway = gateway(dovecot, Map.of("AIRPOST_LOGIN_CERTIFICATES", "accepted"));
        var made = ask("certificate", "make", "anna", "phone");
        var phone = phone(gateway, "", "D1", tls(keys(made)));
        syncs(phone, 1);
        assertThat(ask("certificate", "list", "anna").getFirst()).contains("phone\tD1");

        syncs(phone(gateway, "secret", "D3", tls()), 1);
        refused(401, () -> phone(gateway, "", "D4", tls0()).folderSync());

        ask("certificate", "revoke", "anna", made.getFirst());
        refused(403, phone::folderSync);
    }

    @Test
    void whereACertificateIsRequiredThePasswordAloneIsNotEnough() throws Exception {
        var dovecot = dovecot();
        var gateway = gateway(dovecot, Map.of("AIRPOST_LOGIN_CERTIFICATES", "required"));
        var made = ask("certificate", "make", "anna", "phone");
        refused(403, () -> phone(gateway, "secret", "D1", tls0()).folderSync());
        syncs(phone(gateway, "secret", "D1", tls(keys(made))), 0);
        var bobs = ask("certificate", "make", "bob", "phone");
        var keys = keys(bobs);
        var theirs = tls(keys);
        refused(403, () -> phone(gateway, "secret", "D1", theirs).folderSync());
    }

    /** A lost phone whose user has taken its access away at once. */
    @Test
    void whatIsToBeWipedIsToldSoAlsoWhenItsAccessWasRevoked() throws Exception {
        var gateway = gateway(dovecot(), Map.of("AIRPOST_LOGIN_CERTIFICATES", "accepted"));
        var password = ask("password", "make", "anna", "phone");
        var certificate = ask("certificate", "make", "anna", "tablet");
        var phone = phone(gateway, password.get(1), "D1", tls());
        var tablet = phone(gateway, "", "D2", tls(keys(certificate)));
        syncs(phone, 0);
        syncs(tablet, 0);
        ask("password", "revoke", "anna", password.getFirst());
        ask("certificate", "revoke", "anna", certificate.getFirst());
        refused(401, phone::folderSync);
        refused(403, tablet::folderSync);
        var anna = new Actor("anna", Role.USER, "test");
        for (var device : List.of("D1", "D2")) {
            var asked =
                    gateway.deviceActions().wipe(anna, new DeviceKey("anna", device), Wipe.Kind.ACCOUNT_ONLY, "lost");
            assertThat(asked.isDone()).as("%s", asked).isTrue();
        }
        assertThat(phone.provision().wipe()).isTrue();
        assertThat(tablet.provision().wipe()).isTrue();
        refused(401, () -> phone(gateway, password.get(1), "D3", tls0()).folderSync());
    }

    /** Another TLS than Java's, in both versions. */
    @Test
    void opensslComesInWithACertificate() throws Exception {
        var gateway = gateway(dovecot(), Map.of("AIRPOST_LOGIN_CERTIFICATES", "accepted"));
        var made = ask("certificate", "make", "anna", "phone");
        var p12 = Files.write(directory.resolve("a.p12"), Base64.getDecoder().decode(made.get(2)));
        var pem = directory.resolve("a.pem");
        openssl("pkcs12 -legacy -nodes -in " + p12 + " -out " + pem + " -passin pass:" + made.get(1), "");
        var request = "OPTIONS /Microsoft-Server-ActiveSync HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
        var connect = "s_client -quiet -connect 127.0.0.1:" + gateway.address().getPort() + " -CAfile "
                + directory.resolve("certs/ca.crt");
        for (var version : List.of("-tls1_2", "-tls1_3")) {
            assertThat(openssl(connect + " " + version + " -cert " + pem + " -key " + pem, request))
                    .as(version)
                    .contains("HTTP/1.1 200", "MS-ASProtocolVersions");
            assertThat(openssl(connect + " " + version, request)).as(version).contains("HTTP/1.1 401");
        }
        ask("certificate", "revoke", "anna", made.getFirst());
        assertThat(openssl(connect + " -cert " + pem + " -key " + pem, request)).contains("HTTP/1.1 403");
    }

    private String openssl(String arguments, String input) throws IOException, InterruptedException {
        var in = Files.writeString(directory.resolve("openssl.in"), input);
        var out = directory.resolve("openssl.out");
        var words = new ArrayList<>(List.of("openssl"));
        words.addAll(List.of(arguments.split(" ")));
        var openssl = new ProcessBuilder(words)
                .redirectErrorStream(true)
                .redirectInput(in.toFile())
                .redirectOutput(out.toFile())
                .start();
        try {
            assertThat(openssl.waitFor(30, TimeUnit.SECONDS)).as(arguments).isTrue();
        } finally {
            openssl.destroyForcibly();
        }
        return Files.readString(out);
    }

    @Test
    void aCertificateOfAnotherAuthorityDoesNotEvenConnect() throws Exception {
        var gateway = gateway(dovecot(), Map.of("AIRPOST_LOGIN_CERTIFICATES", "accepted"));
        var clock = InstantSource.system();
        var elsewhere = DeviceCertificates.open(
                new MemoryStore(clock), directory.resolve("elsewhere"), clock, new SecureRandom());
        MailBackend mail = _ -> new MailBackend.SignIn.Refused("no");
        Submission submission = (_, _, _, _) -> new Submission.Submitted.Deferred("no");
        var anna = new UserName("anna", "anna", "anna@example.org", new Home("", "{user}", mail, submission), "anna");
        var enrolled = elsewhere.enrol(anna, "phone", Optional.empty());
        var keys = keys(List.of("", enrolled.password(), Base64.getEncoder().encodeToString(enrolled.p12())));
        var forced = new Forced((X509ExtendedKeyManager) keys[0]);
        refused(0, () -> phone(gateway, "secret", "D1", tls0(forced)).folderSync());
    }

    /** Shows its certificate whatever authorities the server names. */
    private static final class Forced extends X509ExtendedKeyManager {

        private final X509ExtendedKeyManager keys;

        Forced(X509ExtendedKeyManager keys) {
            this.keys = keys;
        }

        private String alias() {
            return keys.getClientAliases("RSA", null)[0];
        }

        @Override
        public String chooseEngineClientAlias(String[] types, Principal[] issuers, SSLEngine engine) {
            return alias();
        }

        @Override
        public String chooseClientAlias(String[] types, Principal[] issuers, Socket socket) {
            return alias();
        }

        @Override
        public String[] getClientAliases(String type, Principal[] issuers) {
            return new String[] {alias()};
        }

        @Override
        public String[] getServerAliases(String type, Principal[] issuers) {
            return new String[0];
        }

        @Override
        public String chooseServerAlias(String type, Principal[] issuers, Socket socket) {
            return "";
        }

        @Override
        public X509Certificate[] getCertificateChain(String alias) {
            return keys.getCertificateChain(alias);
        }

        @Override
        public PrivateKey getPrivateKey(String alias) {
            return keys.getPrivateKey(alias);
        }
    }
}
