package org.airpost.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The page of mails as a phone gets them. */
@Timeout(value = 180, unit = TimeUnit.SECONDS)
class RenderCommandTest {

    private static final String CORPUS = "src/test/resources/org/airpost/convert/corpus/";

    @TempDir
    private Path directory = Path.of("");

    private final StringWriter printed = new StringWriter();

    private int run(String... arguments) {
        return Airpost.commandLine(Map.of())
                .setOut(new PrintWriter(printed, true))
                .setErr(new PrintWriter(printed, true))
                .execute(arguments);
    }

    @Test
    void mailsStandOnOnePageWithTheirImagesAndAttachmentsAndNothingRuns() throws IOException {
        var page = directory.resolve("page.html");
        int code = run(
                "render",
                CORPUS + "struct-thunderbird.eml",
                CORPUS + "html-script.eml",
                CORPUS + "ru-1251-as-latin1.eml",
                "--out",
                page.toString());
        assertThat(code).as(printed.toString()).isZero();
        assertThat(printed.toString()).contains("3 mails in ").doesNotContain("against the protocol");
        var html = Files.readString(page);
        assertThat(html)
                .contains("<h2>Thunderbird</h2>", "notes.pdf", "src=&quot;data:image/png;base64,", "Высылаю отчёт")
                .doesNotContain("cid:logo@x", "<script");
        assertThat(html.split("<iframe sandbox srcdoc=", -1)).hasSize(4);
    }

    @Test
    void whereThereIsNoMailItSaysSo() {
        assertThat(run("render", directory.toString())).isEqualTo(1);
        assertThat(printed.toString()).contains("no file that ends with .eml");
    }
}
