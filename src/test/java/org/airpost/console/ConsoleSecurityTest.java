package org.airpost.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.airpost.admin.Role;
import org.airpost.admin.Totp;
import org.airpost.eas.ProtocolVersion;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What somebody tries who should not get in, or not so far. */
@Timeout(120)
final class ConsoleSecurityTest {

    @TempDir
    private static Path directory;

    private static ConsoleFixture fixture;
    private static ConsoleFixture.Visitor admin;
    private static ConsoleFixture.Visitor helpdesk;
    private static ConsoleFixture.Visitor auditor;

    @BeforeAll
    static void start() throws IOException {
        fixture = ConsoleFixture.start(directory);
        fixture.admin("ada", Role.ADMIN);
        fixture.admin("hugo", Role.HELPDESK);
        fixture.admin("aude", Role.AUDITOR);
        admin = fixture.visitor().as("ada");
        helpdesk = fixture.visitor().as("hugo");
        auditor = fixture.visitor().as("aude");
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    private static List<Route> routes() {
        return fixture.gateway.console().routes();
    }

    /** A path of the route, with names that lead nowhere. */
    private static String path(Route route) {
        return "/" + String.join("/", route.path().segments()).replaceAll("\\{[^}]*}", "x");
    }

    @Test
    void whoIsNotSignedInSeesNoPageAndDoesNothing() {
        var stranger = fixture.visitor();
        for (var route : routes()) {
            if (route.method().equals("GET")) {
                var answer = stranger.get(path(route));
                assertThat(answer.statusCode()).as(path(route)).isEqualTo(303);
                assertThat(answer.headers().firstValue("Location").orElse(""))
                        .as(path(route))
                        .startsWith("/admin/sign-in");
            } else {
                assertThat(stranger.post(path(route), Map.of("csrf", "x")).statusCode())
                        .as(path(route))
                        .isEqualTo(403);
            }
        }
    }

    @Test
    void aRoleGetsWhatItMayWhateverAddressIsGuessed() {
        record Somebody(Role role, ConsoleFixture.Visitor visitor, String csrf) {}
        var all = List.of(
                new Somebody(Role.HELPDESK, helpdesk, helpdesk.csrf()),
                new Somebody(Role.AUDITOR, auditor, auditor.csrf()));
        int refused = 0;
        for (var somebody : all) {
            for (var route : routes()) {
                if (!somebody.role().may(route.right())) {
                    var answer = route.method().equals("GET")
                            ? somebody.visitor().get(path(route))
                            : somebody.visitor().post(path(route), Map.of("csrf", somebody.csrf()));
                    assertThat(answer.statusCode())
                            .as("%s %s as %s", route.method(), path(route), somebody.role())
                            .isEqualTo(403);
                    assertThat(Jsoup.parse(answer.body()).select("main").text()).contains("does not allow");
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(10);
    }

    @Test
    void aPageShowsNoButtonThatItsReaderMayNotUse() {
        for (var route : routes()) {
            if (route.method().equals("GET")
                    && Role.AUDITOR.may(route.right())
                    && !path(route).contains("/x")) {
                var forms = auditor.page(path(route)).select("main form[method=post]");
                assertThat(forms).as(path(route)).isEmpty();
            }
        }
    }

    @Test
    void aTraceIsMadeAndReadByWhoHelpsUsersAlone() {
        var path = "/admin/devices/anna/traced1";
        fixture.phone("anna", "traced1", "iPhone", ProtocolVersion.V16_1);
        assertThat(auditor.act(path + "/trace/start", Map.of()).statusCode()).isEqualTo(403);
        assertThat(helpdesk.act("/admin/devices/anna/nobody/trace/start", Map.of())
                        .statusCode())
                .isEqualTo(404);
        assertThat(helpdesk.act(path + "/trace/stop", Map.of()).statusCode()).isEqualTo(404);
        assertThat(helpdesk.get(path + "/trace").statusCode()).isEqualTo(404);
        assertThat(helpdesk.act(path + "/trace/start", Map.of()).statusCode()).isEqualTo(303);
        var page = auditor.page(path);
        assertThat(page.select("main").text()).contains("A trace runs until");
        assertThat(page.select("main form[method=post]")).isEmpty();
        assertThat(page.select("a[href$=/trace]")).isEmpty();
        assertThat(auditor.get(path + "/trace").statusCode()).isEqualTo(403);
        var file = helpdesk.get(path + "/trace");
        assertThat(file.body()).startsWith("# Airpost trace 1");
        assertThat(file.headers().firstValue("Content-Disposition")).hasValue("attachment; filename=\"traced1.trace\"");
        assertThat(helpdesk.act(path + "/trace/stop", Map.of()).statusCode()).isEqualTo(303);
        assertThat(admin.page("/admin/audit?actor=hugo&action=trace")
                        .select("table tbody tr")
                        .text())
                .contains("trace.start", "trace.read", "trace.stop");
    }

    @Test
    void aFormOfAnotherSiteDoesNothing() {
        var csrf = admin.csrf();
        var fields = Map.of("name", "eve", "role", "admin");
        assertThat(admin.post("/admin/access/add", fields).statusCode()).isEqualTo(403);
        assertThat(admin.post("/admin/access/add", with(fields, "csrf", helpdesk.csrf()))
                        .statusCode())
                .isEqualTo(403);
        for (var site : List.of("cross-site", "same-site")) {
            var request = admin.to("/admin/access/add")
                    .header("Content-Type", "application/x-www-form-urlencoded")
                    .header("Sec-Fetch-Site", site)
                    .POST(BodyPublishers.ofString(ConsoleFixture.encoded(with(fields, "csrf", csrf))))
                    .build();
            assertThat(admin.send(request).statusCode()).as(site).isEqualTo(403);
        }
        assertThat(admin.get("/admin/access").body()).doesNotContain(">eve<");
        assertThat(admin.get("/admin/access/add?name=eve&role=admin&csrf=" + csrf)
                        .statusCode())
                .as("nothing is done by GET")
                .isEqualTo(404);
    }

    private static Map<String, String> with(Map<String, String> fields, String name, String value) {
        var all = new HashMap<>(fields);
        all.put(name, value);
        return all;
    }

    @Test
    void theIdOfASessionIsNewAtSignInAndNobodyChoosesIt() {
        fixture.admin("fix", Role.AUDITOR);
        var form = fixture.visitor().get("/admin/sign-in");
        var formCookie = form.headers().firstValue("Set-Cookie").orElseThrow().replaceFirst(";.*", "");
        var first = signIn(formCookie + "; __Host-airpost-admin=chosen-by-somebody", 0);
        assertThat(first).hasSize(43);
        assertThat(statusWith("chosen-by-somebody")).isEqualTo(303);
        assertThat(statusWith(first)).isEqualTo(200);
        var second = signIn(formCookie + "; __Host-airpost-admin=" + first, 1);
        assertThat(second).isNotEqualTo(first);
        assertThat(statusWith(first)).as("the session before").isEqualTo(303);
        assertThat(statusWith(second)).isEqualTo(200);
    }

    /** Signs in as "fix" from a browser with these cookies; gives the new session's id. */
    private static String signIn(String cookies, int ahead) {
        var visitor = fixture.visitor();
        var token = cookies.replaceFirst(".*__Host-airpost-form=([^;]*).*", "$1");
        var fields = Map.of(
                "csrf", token, "name", "fix", "password", ConsoleFixture.PASSWORD, "code", fixture.code("fix", ahead));
        var answer = visitor.send(visitor.to("/admin/sign-in")
                .header("Content-Type", "application/x-www-form-urlencoded")
                .header("Cookie", cookies)
                .POST(BodyPublishers.ofString(ConsoleFixture.encoded(fields)))
                .build());
        assertThat(answer.statusCode()).isEqualTo(303);
        return answer.headers()
                .firstValue("Set-Cookie")
                .orElseThrow()
                .replaceFirst("__Host-airpost-admin=([^;]*);.*", "$1");
    }

    private static int statusWith(String session) {
        var visitor = fixture.visitor();
        return visitor.send(visitor.to("/admin/audit")
                        .header("Cookie", "__Host-airpost-admin=" + session)
                        .build())
                .statusCode();
    }

    private static String session(ConsoleFixture.Visitor visitor) {
        return visitor.cookies.getCookieStore().getCookies().stream()
                .filter(cookie -> cookie.getName().equals("__Host-airpost-admin"))
                .findFirst()
                .orElseThrow()
                .getValue();
    }

    @Test
    void whoSignsOutOrIsResetOrBecomesSomethingElseIsOut() {
        fixture.admin("out", Role.AUDITOR);
        fixture.admin("reset", Role.AUDITOR);
        fixture.admin("other", Role.ADMIN);
        var accounts = fixture.gateway.adminAccounts();
        var out = fixture.visitor().as("out");
        var cookie = session(out);
        assertThat(out.act("/admin/sign-out", Map.of()).statusCode()).isEqualTo(303);
        assertThat(out.get("/admin/audit").statusCode()).isEqualTo(303);
        assertThat(statusWith(cookie)).isEqualTo(303);

        var reset = fixture.visitor().as("reset");
        assertThat(reset.get("/admin/audit").statusCode()).isEqualTo(200);
        ConsoleFixture.value(accounts.reset(ConsoleFixture.CLI, "reset"));
        assertThat(reset.get("/admin/audit").statusCode()).isEqualTo(303);
        assertThat(fixture.visitor()
                        .signIn("reset", ConsoleFixture.PASSWORD, fixture.code("reset", 1))
                        .statusCode())
                .isEqualTo(403);

        var other = fixture.visitor().as("other");
        ConsoleFixture.value(accounts.setRole(ConsoleFixture.CLI, "other", Role.HELPDESK));
        assertThat(other.get("/admin/broken").statusCode()).isEqualTo(303);
    }

    @Test
    void whoIsRemovedAndMadeAnewIsNotWhatTheyWere() {
        fixture.admin("anew", Role.ADMIN);
        var before = fixture.visitor().as("anew");
        ConsoleFixture.value(fixture.gateway.adminAccounts().remove(ConsoleFixture.CLI, "anew"));
        fixture.admin("anew", Role.AUDITOR);

        assertThat(before.get("/admin/audit").statusCode()).isEqualTo(303);
    }

    @Test
    void aCodeCountsOnceAndAPasswordAloneIsNotEnough() {
        fixture.admin("once", Role.AUDITOR);
        var code = fixture.code("once", 0);
        assertThat(fixture.visitor().signIn("once", ConsoleFixture.PASSWORD, "").statusCode())
                .isEqualTo(403);
        assertThat(fixture.visitor()
                        .signIn("once", ConsoleFixture.PASSWORD, "000000")
                        .statusCode())
                .isEqualTo(403);
        assertThat(fixture.visitor().signIn("once", "wrong", code).statusCode()).isEqualTo(403);
        assertThat(fixture.visitor()
                        .signIn("once", ConsoleFixture.PASSWORD, code)
                        .statusCode())
                .isEqualTo(303);
        assertThat(fixture.visitor()
                        .signIn("once", ConsoleFixture.PASSWORD, code)
                        .statusCode())
                .isEqualTo(403);
    }

    @Test
    void aSetUpLinkWorksOnce() {
        var accounts = fixture.gateway.adminAccounts();
        var token = ConsoleFixture.value(accounts.add(ConsoleFixture.CLI, "link", Role.HELPDESK));
        var visitor = fixture.visitor();
        var page = visitor.page("/admin/set-up/" + token);
        assertThat(page.select("h1").text()).isEqualTo("Set up your account");
        var csrf = page.select("input[name=csrf]").attr("value");
        var secret = accounts.invited(token).orElseThrow().secret();
        var path = "/admin/set-up/" + token;
        var code = Totp.code(secret, Instant.now());
        assertThat(visitor.post(path, Map.of("csrf", csrf, "password", "short", "code", code))
                        .statusCode())
                .isEqualTo(400);
        assertThat(visitor.post(path, Map.of("csrf", csrf, "password", ConsoleFixture.PASSWORD, "code", ""))
                        .statusCode())
                .isEqualTo(400);
        assertThat(visitor.post(path, Map.of("csrf", "x", "password", ConsoleFixture.PASSWORD, "code", code))
                        .statusCode())
                .isEqualTo(403);
        assertThat(visitor.post(path, Map.of("csrf", csrf, "password", ConsoleFixture.PASSWORD, "code", code))
                        .statusCode())
                .isEqualTo(303);
        assertThat(visitor.get(path).statusCode()).isEqualTo(404);
        assertThat(visitor.post(path, Map.of("csrf", csrf, "password", "another long one", "code", code))
                        .statusCode())
                .isEqualTo(404);
        assertThat(visitor.get("/admin/set-up/guessed").statusCode()).isEqualTo(404);
    }

    /** The time for a name that is not known is that for a wrong password: the median of some, within what a machine varies. */
    @Test
    void theTimeOfARefusalDoesNotTellWhetherTheNameIsKnown() {
        fixture.admin("timed", Role.AUDITOR);
        var visitor = fixture.visitor();
        visitor.signIn("timed", "wrong", "123456");
        var known = new ArrayList<Long>();
        var unknown = new ArrayList<Long>();
        for (int i = 0; i < 9; i++) {
            known.add(time(visitor, "timed"));
            unknown.add(time(visitor, "nobody" + i));
        }
        double ratio = (double) median(known) / median(unknown);
        assertThat(ratio).as("known %s, unknown %s", known, unknown).isBetween(0.5, 2.0);
        assertThat(Duration.ofNanos(median(unknown))).isGreaterThan(Duration.ofMillis(10));
    }

    private static long time(ConsoleFixture.Visitor visitor, String name) {
        long start = System.nanoTime();
        var answer = visitor.signIn(name, "wrong", "123456");
        assertThat(answer.statusCode()).isEqualTo(403);
        assertThat(Jsoup.parse(answer.body()).select(".error").text()).contains("belong together");
        return System.nanoTime() - start;
    }

    private static long median(List<Long> times) {
        return times.stream().sorted().toList().get(times.size() / 2);
    }

    @Test
    void tooManyTriesAreTooMany(@TempDir Path another) throws IOException {
        try (var strict = ConsoleFixture.start(another, Map.of("AIRPOST_CONSOLE_LOGIN_TRIES", "3"))) {
            strict.admin("eva", Role.ADMIN);
            for (int i = 0; i < 3; i++) {
                assertThat(strict.visitor().signIn("eva", "wrong", "1").statusCode())
                        .isEqualTo(403);
            }
            var answer = strict.visitor().signIn("eva", ConsoleFixture.PASSWORD, strict.code("eva", 0));
            assertThat(answer.statusCode()).isEqualTo(429);
            assertThat(answer.headers().firstValue("Retry-After")).isPresent();
        }
    }

    @Test
    void whereOneGoesAfterSigningInIsAPageOfTheConsole() {
        for (var next : List.of(
                "https://evil.example/",
                "//evil.example",
                "/\\evil.example",
                "/admin\r\nX: y",
                "javascript:x",
                "/assets/x")) {
            var page = fixture.visitor().page("/admin/sign-in?next=" + URLEncoder.encode(next, StandardCharsets.UTF_8));
            assertThat(page.select("input[name=next]").attr("value")).as(next).isEqualTo("/admin");
        }
        assertThat(fixture.visitor()
                        .page("/admin/sign-in?next=%2Fadmin%2Fdevices%2Fanna%2540example.org%2Fd1")
                        .select("input[name=next]")
                        .attr("value"))
                .isEqualTo("/admin/devices/anna%40example.org/d1");
    }

    @Test
    void eachPageHasTheHeadersThatProtectItAndNothingInline() {
        for (var path : List.of("/admin", "/admin/access", "/admin/no-such-page", "/admin/audit")) {
            var answer = admin.get(path);
            assertThat(answer.headers().firstValue("Content-Security-Policy").orElse(""))
                    .as(path)
                    .startsWith("default-src 'none';")
                    .doesNotContain("unsafe", "http:", "https:", "*");
            assertThat(answer.headers().firstValue("Cache-Control")).hasValue("no-store");
            var page = Jsoup.parse(answer.body());
            assertThat(page.select("[style], style, [onclick], [onsubmit], script:not([src])"))
                    .as(path)
                    .isEmpty();
            for (var element : page.select("[src], link[href]")) {
                assertThat(element.attr("src") + element.attr("href")).as(path).startsWith("/assets/");
            }
        }
    }

    @Test
    void aHostThatSomebodyMadeUpIsNoPartOfALink() {
        fixture.admin("host", Role.ADMIN);
        var visitor = fixture.visitor().as("host");
        var answer = visitor.act("/admin/access/add", Map.of("name", "guest", "role", "auditor"));
        assertThat(answer.statusCode()).isEqualTo(200);
        assertThat(Jsoup.parse(answer.body()).select("code").text()).startsWith(fixture.address() + "/admin/set-up/");
    }

    @Test
    void aFullWipeIsApprovedByAnotherAdminAndNotByTheSame() {
        fixture.phone("carla", "wiped1", "iPhone", ProtocolVersion.V16_1);
        fixture.admin("second", Role.ADMIN);
        var second = fixture.visitor().as("second");
        var path = "/admin/devices/carla/wiped1";
        assertThat(admin.act(path + "/wipe-all", Map.of("confirm", "wiped1", "reason", "lost"))
                        .statusCode())
                .isEqualTo(303);
        assertThat(admin.act(path + "/approve-wipe", Map.of()).statusCode()).isNotEqualTo(303);
        assertThat(admin.page(path).select("dd").text()).contains("second administrator");
        assertThat(second.act(path + "/approve-wipe", Map.of()).statusCode()).isEqualTo(303);
        assertThat(second.page(path).select("dd").text()).contains("will be told when the device comes");
    }

    @Test
    void whatWasRefusedIsInTheAuditLog() {
        helpdesk.act("/admin/broken/retry", Map.of("id", "nobody/1:1"));
        var page = admin.page("/admin/audit?actor=hugo&action=message");
        assertThat(page.select("table tbody tr").text())
                .contains("message.retry", "refused", "there is no broken message");
    }
}
