package org.airpost.console;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.fail;

import com.google.zxing.BinaryBitmap;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.ReaderException;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import javax.imageio.ImageIO;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Assumptions;
import org.openqa.selenium.By;
import org.openqa.selenium.OutputType;
import org.openqa.selenium.WebDriverException;
import org.openqa.selenium.WebElement;
import org.openqa.selenium.chrome.ChromeDriver;
import org.openqa.selenium.chrome.ChromeDriverService;
import org.openqa.selenium.chrome.ChromeOptions;
import org.openqa.selenium.logging.LogType;
import org.openqa.selenium.logging.LoggingPreferences;

/** Debian's Chromium without a window, as somebody with a mouse and a keyboard would use it. */
final class Browser implements AutoCloseable {

    private static final Path CHROMIUM = Path.of("/usr/bin/chromium");
    private static final Path DRIVER = Path.of("/usr/bin/chromedriver");

    private final ChromeDriver driver;
    private final Path pictures;

    /** Where pictures are put, or the test is skipped (and fails when CI is set) because there is no browser. */
    Browser(Path pictures) {
        boolean isThere = Files.isExecutable(CHROMIUM) && Files.isExecutable(DRIVER);
        if (!isThere && "true".equals(System.getenv("CI"))) {
            fail("chromium and chromium-driver are not installed");
        }
        Assumptions.assumeTrue(isThere, "chromium and chromium-driver are not installed");
        this.pictures = pictures;
        var options = new ChromeOptions();
        options.setBinary(CHROMIUM.toFile());
        options.setAcceptInsecureCerts(true);
        options.addArguments(
                "--headless=new", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage", "--window-size=1280,900");
        var logs = new LoggingPreferences();
        logs.enable(LogType.BROWSER, Level.ALL);
        options.setCapability("goog:loggingPrefs", logs);
        var service = new ChromeDriverService.Builder()
                .usingDriverExecutable(new File(DRIVER.toString()))
                .usingAnyFreePort()
                .build();
        this.driver = new ChromeDriver(service, options);
        driver.manage().timeouts().pageLoadTimeout(Duration.ofSeconds(20)).scriptTimeout(Duration.ofSeconds(20));
    }

    void open(String address) {
        driver.get(address);
    }

    String title() {
        return driver.findElement(By.tagName("h1")).getText();
    }

    String text() {
        return driver.findElement(By.tagName("main")).getText();
    }

    String path() {
        return driver.getCurrentUrl().replaceFirst("^https?://[^/]*", "");
    }

    WebElement find(String css) {
        return driver.findElement(By.cssSelector(css));
    }

    List<WebElement> all(String css) {
        return driver.findElements(By.cssSelector(css));
    }

    /** Puts a text into the field of a name. */
    void type(String name, String text) {
        var field = find("[name='" + name + "']:not([type=hidden])");
        field.clear();
        field.sendKeys(text);
    }

    /** Presses a button by its words, and waits for the page that follows. */
    void press(String words) {
        pressIn("main", words);
    }

    /** The same within a part of the page. */
    void pressIn(String css, String words) {
        var path = ".//button[normalize-space()=\"%1$s\"] | .//a[normalize-space()=\"%1$s\"]".formatted(words);
        click(find(css).findElement(By.xpath(path)));
    }

    /** Follows a link, and waits for the page. */
    void follow(String css) {
        click(find(css));
    }

    /** The text of the file that a link gives. */
    String download(String css) {
        return String.valueOf(driver.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                fetch(arguments[0].href).then(
                    async (answer) => done((answer.headers.get("Content-Disposition") || "").startsWith("attachment")
                        ? await answer.text() : "not a download: " + answer.status),
                    (error) => done(String(error)));
                """, find(css)));
    }

    private void click(WebElement button) {
        var page = find("html");
        button.click();
        await(() -> isGone(page));
    }

    private static boolean isGone(WebElement page) {
        try {
            page.isEnabled();
            return false;
        } catch (WebDriverException e) {
            return true;
        }
    }

    void await(BooleanSupplier condition) {
        await(Duration.ofSeconds(10), condition);
    }

    void await(Duration most, BooleanSupplier condition) {
        Awaitility.await().atMost(most).pollInterval(Duration.ofMillis(30)).until(condition::getAsBoolean);
    }

    /** Presses keys wherever the focus is. */
    void keys(String keys) {
        driver.switchTo().activeElement().sendKeys(keys);
    }

    /** The text of what has the focus. */
    String focused() {
        return driver.switchTo().activeElement().getText();
    }

    /** The name of the field that has the focus. */
    String focusedName() {
        return String.valueOf(driver.switchTo().activeElement().getDomAttribute("name"));
    }

    /** What the browser complains about: a broken rule of the CSP, a script that fails. */
    List<String> complaints() {
        var lines = new ArrayList<String>();
        driver.manage().logs().get(LogType.BROWSER).forEach(entry -> lines.add(entry.getMessage()));
        // A page that says 403 or 404 is noted by the browser, too.
        lines.removeIf(line -> line.contains("the server responded with a status of"));
        return lines;
    }

    void wide() {
        driver.executeCdpCommand("Emulation.clearDeviceMetricsOverride", Map.of());
    }

    void phone() {
        driver.executeCdpCommand(
                "Emulation.setDeviceMetricsOverride",
                Map.of("width", 390, "height", 844, "deviceScaleFactor", 1, "mobile", true));
    }

    void dark(boolean isDark) {
        driver.executeCdpCommand(
                "Emulation.setEmulatedMedia",
                Map.of(
                        "features",
                        List.of(Map.of("name", "prefers-color-scheme", "value", isDark ? "dark" : "light"))));
    }

    void scripts(boolean on) {
        driver.executeCdpCommand("Emulation.setScriptExecutionDisabled", Map.of("value", !on));
    }

    /** A picture of the whole page, for people. */
    void picture(String name) {
        var answer = driver.executeCdpCommand("Page.captureScreenshot", Map.of("captureBeyondViewport", true));
        try {
            Files.createDirectories(pictures);
            Files.write(
                    pictures.resolve(name + ".png"), Base64.getDecoder().decode(String.valueOf(answer.get("data"))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What a QR code on the page says, read from the screen as a phone does. */
    String qr(String css) {
        try {
            var shot = ImageIO.read(new ByteArrayInputStream(find(css).getScreenshotAs(OutputType.BYTES)));
            int width = shot.getWidth();
            int height = shot.getHeight();
            var pixels = shot.getRGB(0, 0, width, height, null, 0, width);
            var source = new RGBLuminanceSource(width, height, pixels);
            return new QRCodeReader()
                    .decode(new BinaryBitmap(new HybridBinarizer(source)))
                    .getText();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (ReaderException e) {
            throw new AssertionError("no QR code can be read at " + path(), e);
        }
    }

    /** True if nothing is wider than the window. */
    boolean fits() {
        return Boolean.TRUE.equals(driver.executeScript(
                "return document.documentElement.scrollWidth <= document.documentElement.clientWidth"));
    }

    /** Asks axe; what is serious or critical is a fault. */
    void accessible() {
        driver.executeScript(AXE);
        var found = driver.executeAsyncScript("""
                const done = arguments[arguments.length - 1];
                axe.run(document, { resultTypes: ["violations"] }).then(
                    (result) => done(result.violations
                        .filter((v) => v.impact === "serious" || v.impact === "critical")
                        .map((v) => v.id + ": " + v.help + " " + v.nodes.map((n) => n.html).join(" | "))),
                    (error) => done([String(error)]));
                """);
        assertThat((List<?>) found).as("axe at %s", path()).isEmpty();
    }

    private static final String AXE = axe();

    private static String axe() {
        try (var script = Objects.requireNonNull(Browser.class.getResourceAsStream("/axe.min.js"), "axe.min.js")) {
            return new String(script.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        driver.quit();
    }
}
