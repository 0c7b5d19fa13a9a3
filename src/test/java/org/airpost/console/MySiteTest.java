package org.airpost.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailBackend;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.imap.Dovecot;
import org.airpost.console.MyFixture.Visitor;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.phone.PhoneException;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The pages of users: what they do, and what nobody may do with them. */
@Timeout(value = 120, unit = TimeUnit.SECONDS)
class MySiteTest {

    private static final Pattern SECRET = Pattern.compile("[a-z2-9]{4}(-[a-z2-9]{4}){4}");

    @TempDir
    private Path directory;

    private final List<Credentials> asked = new CopyOnWriteArrayList<>();
    private final MailBackend mail = credentials -> {
        asked.add(credentials);
        return List.of("anna:secret", "bob:secret").contains(credentials.user() + ":" + credentials.password())
                ? new MailBackend.SignIn.Accepted(new RefusingMail() {})
                : new MailBackend.SignIn.Refused("no");
    };

    private MyFixture start() throws IOException {
        return MyFixture.start(directory, mail, Map.of());
    }

    private static String secret(MyFixture.Page page) {
        assertThat(page.status()).as(page.text()).isEqualTo(200);
        var code = page.document().select("#secret").text();
        assertThat(code).isNotEmpty();
        return code;
    }

    private static MyFixture.Page makePassword(Visitor visitor, String name) throws Exception {
        return visitor.submit("/me/passwords", "/me/passwords", Map.of("name", name, "mail-password", "secret"));
    }

    // Who gets in

    @Test
    void whoHasNotSignedInSeesNothing() throws Exception {
        try (var fixture = start()) {
            var visitor = fixture.visitor();
            for (var path : List.of("/me", "/me/passwords", "/me/certificates", "/me/set-up", "/me/x")) {
                var page = visitor.get(path);
                assertThat(page.status()).as(path).isEqualTo(303);
                assertThat(page.header("location")).isEqualTo("/me/sign-in");
            }
            assertThat(visitor.post("/me/passwords", Map.of("name", "x")).status())
                    .isEqualTo(303);
            var signIn = visitor.get("/me/sign-in");
            assertThat(signIn.status()).isEqualTo(200);
            assertThat(signIn.header("content-security-policy"))
                    .contains("default-src 'none'")
                    .doesNotContain("unsafe");
            assertThat(signIn.header("cache-control")).isEqualTo("no-store");
        }
    }

    @Test
    void thePagesMayBeAtTheConsolesPortAlone() throws Exception {
        try (var fixture = MyFixture.start(directory, mail, Map.of("AIRPOST_LOGIN_ME_FROM_OUTSIDE", "false"))) {
            var visitor = fixture.visitor();
            for (var path : List.of("/me", "/me/sign-in", "/me/passwords", "/me/x")) {
                assertThat(visitor.get(path).status()).as(path).isEqualTo(404);
            }
            assertThat(visitor.post("/me/sign-in", Map.of("name", "anna", "password", "secret"))
                            .status())
                    .isEqualTo(404);
            assertThat(asked).isEmpty();
            // A link for a device is for wherever the device is; this one was never made.
            assertThat(visitor.get("/me/take/abc").text())
                    .isNotEqualTo(visitor.get("/me/x").text());
        }
    }

    @Test
    void aWrongPasswordAndAnUnknownUserAreToldInTheSameWay() throws Exception {
        try (var fixture = start()) {
            var visitor = fixture.visitor();
            var wrong = visitor.signIn("anna", "wrong");
            var unknown = visitor.signIn("nobody", "wrong");
            assertThat(wrong.status()).isEqualTo(unknown.status()).isEqualTo(403);
            assertThat(wrong.text().replace("anna", ""))
                    .isEqualTo(unknown.text().replace("nobody", ""));
            assertThat(asked).as("the mail server says it of both").hasSize(2);
            assertThat(visitor.session()).isEmpty();
        }
    }

    @Test
    void whoTriesTooOftenWaits() throws Exception {
        try (var fixture = start()) {
            var visitor = fixture.visitor();
            for (int i = 0; i < 20; i++) {
                assertThat(visitor.signIn("anna", "wrong").status()).isEqualTo(403);
            }
            var limited = visitor.signIn("anna", "secret");
            assertThat(limited.status()).isEqualTo(429);
            assertThat(limited.header("retry-after")).matches("[0-9]+");
            visitor.signedIn("bob", "secret");
        }
    }

    @Test
    void anAppPasswordOpensNoPage() throws Exception {
        try (var fixture = start()) {
            var secret = secret(makePassword(fixture.visitor().signedIn("anna", "secret"), "phone"));
            asked.clear();
            assertThat(fixture.visitor().signIn("anna", secret).status()).isEqualTo(403);
            assertThat(asked).as("nor is it shown to the mail server").isEmpty();
        }
    }

    @Test
    void aSessionHasACookieForThisHostAloneAndAnIdThatNobodyChose() throws Exception {
        try (var fixture = start()) {
            var visitor = fixture.visitor();
            var chosen = "__Host-airpost-me=chosen";
            var csrf = visitor.get("/me/sign-in").csrf();
            var answer = visitor.post(
                    "/me/sign-in", Map.of("name", "anna", "password", "secret", "csrf", csrf), "Cookie", chosen);
            assertThat(answer.status()).isEqualTo(303);
            assertThat(answer.answer().headers().allValues("set-cookie"))
                    .anyMatch(cookie -> cookie.startsWith("__Host-airpost-me=")
                            && cookie.contains("HttpOnly")
                            && cookie.contains("Secure")
                            && cookie.contains("SameSite=Strict")
                            && cookie.contains("Path=/"));
            assertThat(visitor.session()).isNotEqualTo("chosen").hasSizeGreaterThan(40);
            assertThat(fixture.visitor().get("/me", "Cookie", chosen).status()).isEqualTo(303);

            var first = visitor.session();
            visitor.signedIn("anna", "secret");
            assertThat(visitor.session()).isNotEqualTo(first);
            assertThat(fixture.visitor()
                            .get("/me", "Cookie", "__Host-airpost-me=" + first)
                            .status())
                    .as("the one before is over")
                    .isEqualTo(303);
            var second = visitor.session();
            visitor.submit("/me", "/me/sign-out", Map.of());
            assertThat(fixture.visitor()
                            .get("/me", "Cookie", "__Host-airpost-me=" + second)
                            .status())
                    .isEqualTo(303);
        }
    }

    @Test
    void whatAnotherSiteSendsIsNotDone() throws Exception {
        try (var fixture = start()) {
            var visitor = fixture.visitor();
            assertThat(visitor.post("/me/sign-in", Map.of("name", "anna", "password", "secret"))
                            .status())
                    .isEqualTo(403);
            assertThat(asked).isEmpty();
            visitor.signedIn("anna", "secret");
            var fields = Map.of("name", "theirs", "mail-password", "secret");
            assertThat(visitor.post("/me/passwords", fields).status()).isEqualTo(403);
            var csrf = visitor.get("/me").csrf();
            var withToken = Map.of("name", "theirs", "mail-password", "secret", "csrf", csrf);
            assertThat(visitor.post("/me/passwords", withToken, "Sec-Fetch-Site", "cross-site")
                            .status())
                    .isEqualTo(403);
            assertThat(visitor.get("/me/passwords").text()).doesNotContain("theirs");
            var bobs = fixture.visitor().signedIn("bob", "secret").get("/me").csrf();
            assertThat(visitor.post("/me/passwords", Map.of("name", "x", "csrf", bobs))
                            .status())
                    .as("another session's token")
                    .isEqualTo(403);
            assertThat(visitor.get("/me/sign-out").status())
                    .as("reading changes nothing")
                    .isEqualTo(404);
            assertThat(visitor.get("/me").status()).isEqualTo(200);
        }
    }

    // Whose things

    @Test
    void nobodyReachesWhatIsAnothers() throws Exception {
        try (var fixture = start()) {
            var bob = fixture.visitor().signedIn("bob", "secret");
            var secret = secret(makePassword(bob, "bobs phone"));
            bob.submit("/me/certificates", "/me/certificates", Map.of("name", "bobs certificate"));
            var serial = bob.get("/me/certificates")
                    .document()
                    .select("form[action$=/revoke]")
                    .attr("action")
                    .split("/", -1)[3];
            var phone = fixture.phone("bob", "secret", "BOBSPHONE");
            phone.provision();
            assertThat(bob.get("/me").text()).contains("BOBSPHONE");

            var anna = fixture.visitor().signedIn("anna", "secret");
            var id = secret.substring(0, 4);
            for (var path : List.of(
                    "/me/passwords/" + id + "/revoke",
                    "/me/passwords/..%2Fbob%2F" + id + "/revoke",
                    "/me/certificates/" + serial + "/revoke",
                    "/me/devices/BOBSPHONE/block",
                    "/me/devices/BOBSPHONE/wipe",
                    "/me/devices/..%2Fbob%2FBOBSPHONE/block",
                    "/me/devices/bob%2FBOBSPHONE/wipe")) {
                var answer = anna.submit("/me", path, Map.of("sure", "yes", "kind", "all"));
                assertThat(answer.status()).as(path).isIn(303, 404);
            }
            assertThat(anna.get("/me/devices/BOBSPHONE").status()).isEqualTo(404);
            assertThat(anna.get("/me").text() + anna.get("/me/passwords").text())
                    .doesNotContain("BOBSPHONE", "bobs phone");
            assertThat(bob.get("/me/passwords").text()).contains("bobs phone");
            assertThat(bob.get("/me/certificates").text()).contains("bobs certificate");
            assertThat(bob.get("/me").text()).contains("gets mail");
        }
    }

    @Test
    void aUserRenamesShutsOutAndWipesTheirDevice() throws Exception {
        try (var fixture = start()) {
            var phone = fixture.phone("anna", "secret", "D1");
            phone.provision();
            var anna = fixture.visitor().signedIn("anna", "secret");
            anna.submit("/me/devices/D1", "/me/devices/D1/rename", Map.of("name", "<b>my phone</b>"));
            assertThat(anna.get("/me").document().select("td a").text()).isEqualTo("<b>my phone</b>");
            assertThat(anna.submit("/me/devices/D1", "/me/devices/D1/wipe", Map.of("kind", "account"))
                            .status())
                    .as("not sure")
                    .isEqualTo(400);
            anna.submit("/me/devices/D1", "/me/devices/D1/wipe", Map.of("kind", "account", "sure", "yes"));
            assertThat(anna.get("/me").text()).contains("is to be wiped");
            anna.submit("/me/devices/D1", "/me/devices/D1/cancel-wipe", Map.of());
            anna.submit("/me/devices/D1", "/me/devices/D1/block", Map.of());
            assertThat(anna.get("/me").text()).contains("shut out");
        }
    }

    // What comes from outside is text

    @Test
    void noTextBecomesMarkupOrAHeader() throws Exception {
        try (var fixture = start()) {
            var anna = fixture.visitor().signedIn("anna", "secret");
            var name = "<script>x</script>\r\nSet-Cookie: a=b";
            var made = makePassword(anna, name);
            assertThat(made.text()).doesNotContain("<script>x");
            assertThat(made.answer().headers().allValues("set-cookie")).isEmpty();
            assertThat(anna.get("/me/passwords").text())
                    .contains("&lt;script&gt;")
                    .doesNotContain("<script>x");
            var wrong = fixture.visitor().signIn("<script>x</script>\r\nX: y", "wrong");
            assertThat(wrong.text()).doesNotContain("<script>x");
            assertThat(wrong.header("x")).isEmpty();
            for (var path : List.of("/me/%0d%0aX:%20y", "/me/..%2f..%2fetc", "/me/%2e%2e/admin", "/me//x")) {
                var answer = anna.get(path);
                assertThat(answer.status()).as(path).isIn(400, 404);
                assertThat(answer.header("x")).isEmpty();
            }
        }
    }

    // A phone

    @Test
    void aLinkGivesAProfileToWhoeverHasItAndToNobodyElse() throws Exception {
        try (var fixture = start()) {
            var anna = fixture.visitor().signedIn("anna", "secret");
            var made = makePassword(anna, "phone");
            var secret = secret(made);
            assertThat(made.document().select("svg.qr path").attr("d")).isNotEmpty();
            var link = made.document().select("a[href^=/me/take/]").attr("href");
            assertThat(link).matches("/me/take/[A-Za-z0-9_-]{22}");
            var phone = fixture.visitor();
            assertThat(phone.get(link).text()).contains("anna@example.org").doesNotContain(secret);
            var profile = phone.get(link + "/airpost.mobileconfig");
            assertThat(profile.header("content-type")).isEqualTo("application/x-apple-aspen-config");
            assertThat(profile.header("cache-control")).isEqualTo("no-store");
            assertThat(profile.text()).contains("com.apple.eas.account", secret, "com.apple.security.root");
            assertThat(phone.get(link + "/airpost.p12").status()).isEqualTo(404);
            assertThat(phone.get("/me/take/AAAAAAAAAAAAAAAAAAAAAA").status()).isEqualTo(404);
            assertThat(phone.get("/me/take").status()).isEqualTo(404);
        }
    }

    @Test
    void aPhoneSetUpByAnAppPasswordAndTheVaultSyncsFromDovecot() throws Exception {
        Dovecot.assumeInstalled();
        try (var dovecot = Dovecot.start().addUser("anna", "secret");
                var fixture = MyFixture.start(
                        directory,
                        Map.of(
                                "AIRPOST_IMAP_HOST", "127.0.0.1",
                                "AIRPOST_IMAP_PORT", Integer.toString(dovecot.port()),
                                "AIRPOST_IMAP_SECURITY", "plain",
                                "AIRPOST_LOGIN_MAIL_PASSWORD", "false"))) {
            var anna = fixture.visitor().signedIn("anna", "secret");
            assertThat(anna.submit("/me/passwords", "/me/passwords", Map.of("name", "x", "mail-password", "wrong"))
                            .status())
                    .isEqualTo(400);
            var secret = secret(makePassword(anna, "phone"));
            assertThat(SECRET.matcher(secret).matches()).isTrue();
            var phone = fixture.phone("anna", secret, "D1");
            phone.provision();
            phone.folderSync();
            var inbox = phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
            var window = SyncRequest.PLAIN.withWindowSize(10).withBody(BodyType.PLAIN_TEXT, 1024);
            assertThat(phone.syncAll(inbox, window).succeeded()).isTrue();
            assertThat(anna.get("/me").text()).contains("gets mail");

            // The user has another mail password, and the mail server is asked anew.
            dovecot.addUser("anna", "changed");
            dovecot.restart();
            var other = fixture.visitor().signedIn("anna", "changed");
            refusedInTheEnd(phone, inbox, window);
            assertThat(other.get("/me").text()).contains("Enter the new one");
            other.submit("/me/mail-password", "/me/mail-password/keep", Map.of("mail-password", "changed"));
            assertThat(other.get("/me").text()).doesNotContain("Enter the new one");
            assertThat(phone.syncAll(inbox, window).succeeded()).isTrue();

            other.submit("/me/passwords", "/me/passwords/" + secret.substring(0, 4) + "/revoke", Map.of());
            assertThatThrownBy(phone::folderSync)
                    .isInstanceOfSatisfying(
                            PhoneException.class,
                            e -> assertThat(e.httpStatus()).isEqualTo(401));
        }
    }

    /** The first request finds a connection that broke; one of the next asks the mail server and hears no. */
    private static void refusedInTheEnd(org.airpost.phone.Phone phone, String inbox, SyncRequest window) {
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 5; i++) {
                        try {
                            phone.sync(inbox, window);
                            phone.folderSync();
                        } catch (PhoneException e) {
                            if (e.httpStatus() != 503) {
                                throw e;
                            }
                        }
                    }
                })
                .isInstanceOfSatisfying(
                        PhoneException.class, e -> assertThat(e.httpStatus()).isEqualTo(403));
    }
}
