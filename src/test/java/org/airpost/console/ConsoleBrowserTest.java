package org.airpost.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.airpost.admin.Role;
import org.airpost.admin.Totp;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.eas.BodyType;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Body;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import org.airpost.telemetry.TraceFile;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;
import org.openqa.selenium.WebElement;

/**
 * The console in a real browser, from the set-up link on: each page and each action, wide, on a phone's width and in the dark,
 * without anything that axe calls serious. Pictures are in {@code target/console}, to be looked at.
 */
@Timeout(180)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
final class ConsoleBrowserTest {

    private static final Path PICTURES = Path.of("target/console");
    private static final String ANNAS = "ApplDNPH7X1GGRY9";
    private static final String BOBS = "androidc1849275";

    @TempDir
    private static Path directory;

    private static ConsoleFixture fixture;
    private static Browser browser;
    private static Phone annas;
    private static Phone bobs;
    private static String address = "";

    @BeforeAll
    static void start() throws IOException {
        browser = new Browser(PICTURES);
        fixture = ConsoleFixture.start(
                directory, Map.of("AIRPOST_LOGIN_CERTIFICATES", "accepted", "AIRPOST_SMTP_DELIVER_LATER", "true"));
        address = fixture.address();
        for (var user : List.of("anna", "bob", "carla")) {
            fixture.mail.deliver(
                    user,
                    "INBOX",
                    "From: a@example.org\nTo: b@example.org\nSubject: Hello\nMessage-ID: <1@x>\n\nText\n"
                            .getBytes(StandardCharsets.UTF_8),
                    Set.of());
        }
        annas = fixture.phone("anna", ANNAS, "iPhone", ProtocolVersion.V16_1);
        synced(annas);
        bobs = fixture.phone("bob", BOBS, "Android", ProtocolVersion.V14_1);
        synced(bobs);
        synced(fixture.phone("carla", "A0B1C2D3E4F5A0B1C2D3E4F5A0B1C2D3", "Outlook", ProtocolVersion.V16_0));
    }

    private static void synced(Phone phone) {
        phone.syncAll(inbox(phone), SyncRequest.PLAIN.withBody(BodyType.PLAIN_TEXT, 1_024));
    }

    private static String inbox(Phone phone) {
        return phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id();
    }

    @AfterAll
    static void stop() {
        if (browser != null) {
            browser.close();
        }
        if (fixture != null) {
            fixture.close();
        }
    }

    private static void open(String path) {
        browser.open(address + path);
    }

    /** Looks at the page as it is now: accessible, nothing inline, no wider than the window, in each light. */
    private static void look(String name) {
        browser.wide();
        browser.dark(false);
        browser.accessible();
        browser.picture(name);
        assertThat(browser.fits()).as("%s is wider than the window", name).isTrue();
        browser.dark(true);
        browser.accessible();
        browser.picture(name + "-dark");
        browser.dark(false);
        browser.phone();
        assertThat(browser.fits()).as("%s is wider than a phone", name).isTrue();
        browser.picture(name + "-phone");
        browser.wide();
        assertThat(browser.complaints()).as(name).isEmpty();
    }

    private static String note() {
        return browser.find("main .note").getText();
    }

    @Test
    @Order(1)
    void theFirstAdminSetsUpTheAccountByItsLinkAndSignsIn() {
        var accounts = fixture.gateway.adminAccounts();
        var token = ConsoleFixture.value(accounts.add(ConsoleFixture.CLI, "ada", Role.ADMIN));
        open("/admin/set-up/" + token);
        assertThat(browser.title()).isEqualTo("Set up your account");
        look("set-up");
        var secret = accounts.invited(token).orElseThrow().secret();
        assertThat(browser.text()).contains(Totp.base32(secret).substring(0, 4));
        assertThat(browser.text()).contains("this account (admin)");
        assertThat(browser.qr("svg.qr")).isEqualTo(Totp.uri("ada", secret));
        browser.type("password", ConsoleFixture.PASSWORD);
        browser.type("code", "000000");
        browser.press("Set up");
        assertThat(browser.find(".error").getText()).contains("not the code");
        browser.type("password", ConsoleFixture.PASSWORD);
        browser.type("code", Totp.code(secret, Instant.now()));
        browser.press("Set up");
        assertThat(browser.title()).isEqualTo("Sign in");

        open("/admin/devices");
        assertThat(browser.title()).isEqualTo("Sign in");
        look("sign-in");
        browser.type("name", "ada");
        browser.type("password", "wrong");
        browser.type("code", "123456");
        browser.press("Sign in");
        assertThat(browser.find(".error").getText()).contains("belong together");
        assertThat(browser.path()).isEqualTo("/admin/sign-in");
        browser.type("password", ConsoleFixture.PASSWORD);
        browser.type("code", Totp.code(secret, Instant.now().plusSeconds(30)));
        browser.press("Sign in");
        assertThat(browser.title()).isEqualTo("Devices");
        assertThat(browser.path()).isEqualTo("/admin/devices");
    }

    @Test
    @Order(2)
    void theOverviewCountsByItself() {
        open("/admin");
        assertThat(browser.title()).isEqualTo("Overview");
        assertThat(browser.find("[data-count=device-ALLOWED]").getText()).isEqualTo("3");
        look("overview");
        var devices = fixture.gateway.deviceActions();
        ConsoleFixture.value(devices.quarantine(ConsoleFixture.CLI, new DeviceKey("bob", BOBS), "new model"));
        browser.await(
                () -> browser.find("[data-count=device-QUARANTINED]").getText().equals("1"));
        ConsoleFixture.value(devices.undecide(ConsoleFixture.CLI, new DeviceKey("bob", BOBS)));
    }

    @Test
    @Order(3)
    void devicesAreSearchedFilteredSortedAndTreatedTogether() {
        open("/admin/devices");
        assertThat(browser.all("tbody tr")).hasSize(3);
        look("devices");
        browser.type("q", "android");
        browser.press("Show");
        assertThat(browser.all("tbody tr")).hasSize(1);
        assertThat(browser.text()).contains("bob");
        open("/admin/devices?standing=BLOCKED");
        assertThat(browser.text()).contains("No device fits");
        open("/admin/devices");
        browser.press("User");
        assertThat(browser.all("tbody tr").getFirst().getText()).contains("anna");
        assertThat(browser.path()).contains("sort=USER");

        browser.find("input[data-all]").click();
        browser.find("input[value='anna/" + ANNAS + "']").click();
        browser.find("select[name=action] option[value=block]").click();
        browser.type("reason", "lost in the train");
        browser.press("Do it");
        assertThat(note()).contains("done with 2 devices");
        assertThat(browser.all(".badge.bad")).hasSize(2);
        browser.find("input[data-all]").click();
        browser.find("select[name=action] option[value=allow]").click();
        browser.press("Do it");
        assertThat(browser.all(".badge.ok")).hasSize(3);
        browser.press("Do it");
        assertThat(browser.find(".error").getText()).contains("No device was selected");
    }

    @Test
    @Order(4)
    void aDeviceIsLookedAtAndTreated() {
        var path = "/admin/devices/anna/" + ANNAS;
        open("/admin/devices");
        browser.follow("a[href='" + path + "']");
        assertThat(browser.path()).isEqualTo(path);
        assertThat(browser.text()).contains("16.1", "iPhone", "Inbox");
        look("device");
        var main = "main";
        browser.type("name", "Anna's phone");
        browser.pressIn(main, "Rename");
        assertThat(browser.title()).isEqualTo("Anna's phone");
        browser.type("reason", "stolen");
        browser.find("[name=reason]").sendKeys(Keys.ENTER);
        assertThat(note()).as("Enter admits nobody").contains("another name");
        browser.type("days", "7");
        browser.pressIn(main, "Block");
        assertThat(note()).contains("blocked");
        assertThat(browser.text()).contains("ada: stolen, until");
        browser.pressIn(main, "Quarantine");
        assertThat(note()).contains("quarantine");
        browser.pressIn(main, "Let the rules decide");
        assertThat(note()).contains("rules decide");
        browser.pressIn(main, "Allow");
        assertThat(note()).contains("come in");
        browser.pressIn(main, "Reset");
        assertThat(note()).contains("that folder");
        browser.pressIn(main, "Sync from the beginning");
        assertThat(note()).contains("from the beginning");

        browser.press("Sync");
        assertThat(browser.text())
                .contains("Request,", "Answer,", "<Sync", "Subjects, addresses and texts are left out");
        look("exchange");
        browser.press(ANNAS);

        browser.press("Wipe everything …");
        look("wipe");
        browser.type("confirm", "something else");
        browser.press("Wipe");
        assertThat(browser.find(".error").getText()).contains("Nothing was done");
        browser.type("confirm", ANNAS);
        browser.type("reason", "stolen");
        browser.press("Wipe");
        assertThat(browser.text()).contains("second administrator");
        browser.press("Cancel the wipe");
        assertThat(note()).contains("cancelled");
        browser.press("Wipe the account …");
        browser.type("confirm", ANNAS);
        browser.press("Wipe");
        assertThat(browser.text()).contains("the account, asked for by ada");
        browser.press("Cancel the wipe");
        browser.press("What was done with this device");
        assertThat(browser.title()).isEqualTo("Audit");
        assertThat(browser.text()).contains("device.block", "wipe");
        look("audit");

        open("/admin/devices/carla/A0B1C2D3E4F5A0B1C2D3E4F5A0B1C2D3");
        browser.press("Forget");
        assertThat(browser.title()).isEqualTo("Devices");
        assertThat(browser.all("tbody tr")).hasSize(2);
    }

    @Test
    @Order(5)
    void aDeviceIsTraced() {
        var path = "/admin/devices/bob/" + BOBS;
        open(path);
        assertThat(browser.text()).contains("A trace has each request and answer");
        browser.press("Trace for an hour");
        assertThat(note()).contains("traced for an hour");
        assertThat(browser.text()).contains("A trace runs until", "0 exchanges so far");
        synced(bobs);
        browser.await(() -> {
            open(path);
            return !browser.text().contains("0 exchanges so far");
        });
        look("trace");
        var file = browser.download("a[href='" + path + "/trace']");
        assertThat(TraceFile.read(file)).extracting(TraceFile.Entry::command).contains("Sync");
        assertThat(file).startsWith("# Airpost trace 1").doesNotContain("Hello", "a@example.org");
        browser.press("End the trace");
        assertThat(note()).contains("has ended");
        assertThat(browser.text()).contains("A new one takes its place", "Download the trace");
    }

    @Test
    @Order(5)
    void aUserHasDevicesAndAppPasswords() {
        open("/admin/users/anna");
        assertThat(browser.text()).contains("iPhone", "App passwords");
        browser.type("name", "tablet");
        browser.press("Make an app password");
        assertThat(browser.text()).contains("It is shown only now");
        assertThat(browser.find("main code").getText()).hasSizeGreaterThan(12);
        browser.press("Back");
        assertThat(browser.text()).contains("tablet");
        look("user");
        browser.press("Revoke");
        assertThat(note()).contains("works no more");
        assertThat(browser.text()).doesNotContain("tablet");
    }

    @Test
    @Order(5)
    void aCertificateIsRevoked() {
        var made = fixture.gateway
                .adminCommands()
                .run(ConsoleFixture.CLI, List.of("certificate", "make", "carla", "carlas-tablet"));
        open("/admin/users/carla");
        assertThat(browser.text()).contains("carlas-tablet", made.lines().getFirst());
        browser.press("Revoke");
        assertThat(note()).contains("certificate works no more");
        assertThat(browser.text()).doesNotContain("carlas-tablet");
    }

    @Test
    @Order(5)
    void aDeviceInQuarantineIsApprovedOrRefused() {
        var key = new DeviceKey("bob", BOBS);
        var devices = fixture.gateway.deviceActions();
        ConsoleFixture.value(devices.quarantine(ConsoleFixture.CLI, key, "new model"));
        open("/admin/quarantine");
        assertThat(browser.text()).contains("new model", "Android");
        look("quarantine");
        browser.type("reason", "known to us");
        browser.find("[name=reason]").sendKeys(Keys.ENTER);
        assertThat(browser.text()).as("Enter admits nobody").contains("new model");
        browser.press("Approve");
        assertThat(note()).contains("come in");
        assertThat(browser.text()).contains("No device waits");
        ConsoleFixture.value(devices.quarantine(ConsoleFixture.CLI, key, "again"));
        open("/admin/quarantine");
        browser.press("Refuse");
        assertThat(note()).contains("blocked");
        ConsoleFixture.value(devices.undecide(ConsoleFixture.CLI, key));
    }

    @Test
    @Order(6)
    void aPolicyIsMadeTriedAssignedAndRemoved() {
        open("/admin/policies/new");
        look("policy");
        browser.type("name", "strict");
        browser.find("select[name=DevicePasswordEnabled] option[value='1']").click();
        browser.type("MinDevicePasswordLength", "6");
        browser.type("try-scope", "default");
        browser.press("Try it out");
        assertThat(browser.text()).contains("Nothing was changed");
        look("policy-trial");
        assertThat(browser.find("input[name=MinDevicePasswordLength]").getDomProperty("value"))
                .as("the form keeps what was typed")
                .isEqualTo("6");
        browser.press("Save");
        assertThat(note()).contains("saved");
        browser.press("All policies");
        browser.type("scope", "user/anna");
        browser.press("Assign");
        assertThat(browser.text()).contains("user/anna", "strict");
        browser.type("group", "sales");
        browser.type("add", "anna bob");
        browser.press("Change");
        assertThat(browser.text()).contains("anna, bob");
        look("policies");
        browser.press("Take away");
        assertThat(note()).contains("no policy of its own");
        browser.press("strict");
        browser.press("Remove this policy");
        assertThat(browser.text()).contains("There is none");
    }

    @Test
    @Order(7)
    void aRuleIsTriedAddedMovedAndRemoved() {
        open("/admin/rules");
        browser.find("select[name=access] option[value=QUARANTINED]").click();
        browser.type("conditions", "type=Android*");
        browser.type("comment", "not yet");
        browser.press("Try it out");
        assertThat(browser.text()).contains("Nothing was changed");
        browser.press("Add");
        assertThat(note()).contains("added");
        browser.find("select[name=access] option[value=BLOCKED]").click();
        browser.type("conditions", "agent=Evil*");
        browser.press("Add");
        look("rules");
        browser.press("Up");
        assertThat(browser.all("tbody tr").getFirst().getText()).contains("agent=Evil*");
        browser.press("Remove");
        browser.press("Remove");
        assertThat(browser.text()).contains("There is no rule");
    }

    @Test
    @Order(8)
    void aBrokenMailIsSentAnew() {
        long uid = fixture.mail.deliver(
                "bob",
                "INBOX",
                "From: a@example.org\nTo: b@example.org\nSubject: Odd\nMessage-ID: <2@x>\n\nThe odd words\n"
                        .getBytes(StandardCharsets.UTF_8),
                Set.of());
        fixture.trouble.readable(uid, false);
        synced(bobs);
        assertThat(bobsTexts()).anyMatch(text -> text.contains("cannot be shown"));
        open("/admin/broken");
        assertThat(browser.title()).isEqualTo("Broken mail");
        assertThat(browser.text()).contains("bob", "INBOX", "cannot read it");
        look("broken");
        fixture.trouble.readable(uid, true);
        browser.press("Send anew");
        assertThat(note()).contains("will be sent anew");
        assertThat(browser.text()).contains("No message is broken.");
        synced(bobs);
        assertThat(bobsTexts())
                .anyMatch(text -> text.contains("The odd words"))
                .noneMatch(text -> text.contains("cannot be shown"));
    }

    private static List<String> bobsTexts() {
        return bobs.replica(inbox(bobs)).all().stream()
                .flatMap(item -> item.body().stream())
                .map(Body::text)
                .toList();
    }

    @Test
    @Order(8)
    void aQueuedMailIsTriedAgainOrGivenBack() {
        fixture.trouble.full(true);
        assertThat(annas.sendMail("c1", mail("anna", "Annas"), false)).isEqualTo(1);
        assertThat(bobs.sendMail("c2", mail("bob", "Bobs"), false)).isEqualTo(1);
        open("/admin/queue");
        assertThat(browser.title()).isEqualTo("Queue");
        browser.await(() -> {
            open("/admin/queue");
            return browser.all("tbody tr").size() == 2;
        });
        assertThat(browser.text()).contains("anna", "bob", "no room for a mail to <…>");
        look("queue");
        // The next try by itself is a minute away.
        fixture.trouble.full(false);
        browser.pressIn(rowOf("anna"), "Give back");
        assertThat(note()).contains("given back");
        browser.pressIn(rowOf("bob"), "Try again");
        assertThat(note()).contains("tried at the next occasion");
        browser.await(Duration.ofSeconds(25), () -> {
            open("/admin/queue");
            return browser.text().contains("No mail is waiting.");
        });
        assertThat(fixture.trouble.sent())
                .extracting(MemorySubmission.Sent::user)
                .as("what was given back is not delivered")
                .containsExactly("bob");
        assertThat(fixture.mail.messages("anna", "INBOX"))
                .as("the mail before, and the one that says what was not delivered")
                .hasSize(2);
    }

    private static byte[] mail(String user, String subject) {
        return "From: %s@example.org\nTo: x@example.net\nSubject: %s\nMessage-ID: <%s@x>\n\nText\n"
                .formatted(user, subject, subject)
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The row of a table that names somebody. */
    private static String rowOf(String who) {
        var rows = browser.all("tbody tr");
        for (int i = 0; i < rows.size(); i++) {
            if (rows.get(i).getText().contains(who)) {
                return "tbody tr:nth-child(%d)".formatted(i + 1);
            }
        }
        throw new AssertionError("no row of " + who);
    }

    @Test
    @Order(8)
    void theBackendsAreShown() {
        open("/admin/backends");
        assertThat(browser.title()).isEqualTo("Backends");
        look("backends");
    }

    @Test
    @Order(9)
    void peopleAndTokensAreAddedAndRemoved() {
        open("/admin/access");
        browser.type("name", "hugo");
        browser.press("Add");
        assertThat(browser.text()).contains("/admin/set-up/");
        browser.press("Access");
        browser.type("token-name", "backup");
        browser.press("Make a token");
        assertThat(browser.text()).contains("Authorization: Bearer airpost_");
        browser.press("Access");
        assertThat(browser.text()).contains("hugo", "backup", "not set up yet");
        look("access");
        browser.press("Revoke");
        assertThat(note()).contains("works no more");
        var rows = new ArrayList<>(browser.all("tbody tr"));
        assertThat(rows).hasSize(2);
        browser.pressIn("tbody tr:last-child", "Remove");
        assertThat(note()).contains("hugo is gone");
    }

    @Test
    @Order(10)
    void everythingWorksByKeyboardAndWithoutScripts() {
        browser.scripts(false);
        try {
            open("/admin/devices");
            browser.type("q", "iphone");
            browser.press("Show");
            assertThat(browser.all("tbody tr")).hasSize(1);
            browser.find("input[name=device]").click();
            browser.find("select[name=action] option[value=resync]").click();
            browser.press("Do it");
            assertThat(note()).contains("done with 1 device");
        } finally {
            browser.scripts(true);
        }
        open("/admin");
        browser.keys("\uE004");
        assertThat(browser.focused()).as("the first thing that Tab leads to").isEqualTo("To the content");
        open("/admin/devices");
        browser.keys("/");
        assertThat(browser.focusedName()).isEqualTo("q");
    }

    @Test
    @Order(11)
    void aFullWipeIsApprovedByASecondAdministrator() {
        var path = "/admin/devices/bob/" + BOBS;
        open(path + "/wipe-all");
        browser.type("confirm", BOBS);
        browser.type("reason", "stolen");
        browser.press("Wipe");
        browser.press("Approve the wipe");
        assertThat(browser.find(".error").getText())
                .as("by the one who asked for it")
                .contains("second administrator has to agree");
        open(path);
        assertThat(browser.text()).contains("waits for the approval of a second administrator");
        browser.pressIn("header", "Sign out");

        fixture.admin("eva", Role.ADMIN);
        open(path);
        browser.type("name", "eva");
        browser.type("password", ConsoleFixture.PASSWORD);
        browser.type("code", fixture.code("eva", 0));
        browser.press("Sign in");
        assertThat(browser.path()).isEqualTo(path);
        look("wipe-to-approve");
        browser.press("Approve the wipe");
        assertThat(note()).contains("The wipe is approved");
        assertThat(browser.text()).contains("everything, asked for by ada", "will be told when the device comes");
        assertThat(browser.all("main button")).extracting(WebElement::getText).doesNotContain("Approve the wipe");
    }

    @Test
    @Order(12)
    void whoSignsOutIsOut() {
        open("/admin");
        browser.pressIn("header", "Sign out");
        assertThat(browser.title()).isEqualTo("Sign in");
        open("/admin/devices");
        assertThat(browser.title()).isEqualTo("Sign in");
    }
}
