package org.airpost.console;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.time.InstantSource;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.memory.MemoryMail;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.openqa.selenium.Keys;

/** The pages of users in Debian's Chromium: each of them and each action, wide, on a phone, in the dark, without a script. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class MySiteBrowserTest {

    private static final Path PICTURES = Path.of("target/pictures/me");

    @TempDir
    private Path directory;

    private MyFixture start() throws Exception {
        return MyFixture.start(
                directory,
                new MemoryMail(InstantSource.system()).user("anna", "secret"),
                Map.of("AIRPOST_LOG_LEVEL", "warn"));
    }

    /** Looks at a page in each way that people look. */
    private static void seen(Browser browser, String name) {
        browser.wide();
        browser.picture(name);
        assertThat(browser.fits()).as("%s, wide", name).isTrue();
        browser.accessible();
        browser.dark(true);
        browser.picture(name + "-dark");
        browser.accessible();
        browser.phone();
        assertThat(browser.fits()).as("%s, on a phone", name).isTrue();
        browser.picture(name + "-phone-dark");
        browser.dark(false);
        browser.picture(name + "-phone");
        browser.accessible();
        browser.wide();
        assertThat(browser.complaints()).as(name).isEmpty();
    }

    @Test
    void everyPageAndActionWorksInABrowser() throws Exception {
        try (var fixture = start();
                var browser = new Browser(PICTURES)) {
            var phone = fixture.phone("anna", "secret", "A1B2C3D4E5F6");
            phone.provision();
            phone.folderSync();

            browser.open(fixture.address() + "/me");
            assertThat(browser.path()).isEqualTo("/me/sign-in");
            seen(browser, "sign-in");
            browser.type("name", "anna@example.org");
            browser.type("password", "wrong");
            browser.press("Sign in");
            assertThat(browser.text()).contains("does not know this name with this password");
            seen(browser, "sign-in-wrong");
            browser.type("password", "secret");
            browser.press("Sign in");

            assertThat(browser.title()).isEqualTo("My devices");
            assertThat(browser.text()).contains("gets mail");
            seen(browser, "devices");
            browser.find("td a").click();
            browser.await(() -> browser.path().equals("/me/devices/A1B2C3D4E5F6"));
            browser.type("name", "My old phone");
            browser.press("Rename");
            assertThat(browser.title()).isEqualTo("My old phone");
            seen(browser, "device");
            browser.find("#sure").click();
            browser.press("Wipe it");
            assertThat(browser.text()).contains("is to be wiped");
            seen(browser, "device-wipe");
            browser.press("Take the wipe back");
            browser.press("Shut it out");
            assertThat(browser.text()).contains("shut out");
            seen(browser, "device-shut-out");

            browser.pressIn("header", "App passwords");
            seen(browser, "passwords-none");
            browser.type("name", "My phone");
            browser.type("mail-password", "secret");
            browser.press("Make an app password");
            assertThat(browser.find("#secret").getText()).matches("[a-z2-9]{4}(-[a-z2-9]{4}){4}");
            seen(browser, "password-made");
            browser.press("Back to the app passwords");
            seen(browser, "passwords");
            browser.press("Revoke");
            assertThat(browser.text()).contains("You have none.");

            browser.pressIn("header", "Certificates");
            browser.type("name", "My tablet");
            browser.press("Make a certificate");
            seen(browser, "certificate-made");
            browser.press("Open it on this device");
            assertThat(browser.path()).startsWith("/me/take/");
            seen(browser, "take");
            browser.open(fixture.address() + "/me/certificates");
            seen(browser, "certificates");
            browser.press("Revoke");
            assertThat(browser.text()).contains("You have none.");

            browser.pressIn("header", "Set up a phone");
            seen(browser, "set-up");
            browser.press("Make a link for my phone");
            seen(browser, "set-up-link");

            browser.open(fixture.address() + "/me/mail-password");
            assertThat(browser.text()).contains("is kept here, sealed");
            seen(browser, "mail-password");
            browser.press("Forget it");
            assertThat(browser.text()).contains("is not kept here");

            browser.open(fixture.address() + "/me/nowhere");
            seen(browser, "nothing");
            browser.pressIn("header", "Sign out");
            assertThat(browser.path()).isEqualTo("/me/sign-in");
        }
    }

    @Test
    void theKeyboardAloneAndNoScriptAreEnough() throws Exception {
        try (var fixture = start();
                var browser = new Browser(PICTURES)) {
            browser.scripts(false);
            browser.open(fixture.address() + "/me");
            browser.type("name", "anna");
            browser.find("[name=password]").sendKeys("secret", Keys.ENTER);
            browser.await(() -> browser.path().equals("/me"));
            browser.open(fixture.address() + "/me/passwords");
            browser.find("[name=name]").sendKeys("phone", Keys.TAB, "secret", Keys.TAB, Keys.ENTER);
            browser.await(() -> browser.title().equals("Your app password"));
            assertThat(browser.find("#secret").getText()).isNotEmpty();
        }
    }
}
