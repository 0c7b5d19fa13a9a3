package org.airpost.console.web;

import static j2html.TagCreator.a;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.http.Fields;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.Test;

final class LayoutTest {

    private static final String NASTY = "\"><script>alert('1')</script>&amp;";

    private static String text(WebReply reply) {
        return new String(reply.body(), UTF_8);
    }

    @Test
    void whateverATextSaysItIsAText() {
        var viewer = new Layout.Viewer(
                NASTY,
                NASTY,
                Optional.of(NASTY),
                List.of(new Layout.Item(NASTY, "/x"), new Layout.Item("T", "/t")),
                "/out");
        var page = text(new Layout("Airpost")
                .page(
                        "T",
                        viewer,
                        p(NASTY),
                        a(NASTY).withHref(Links.to("admin", NASTY)),
                        Forms.field(NASTY, "name", input().withType("text").withValue(NASTY), NASTY)));
        var document = Jsoup.parse(page);
        assertThat(document.select("script")).hasSize(1);
        assertThat(document.select("script").attr("src")).startsWith("/assets/airpost.js?v=");
        assertThat(document.select("main p:last-of-type").text()).isEqualTo(NASTY);
        assertThat(document.select("input[name=csrf]").attr("value")).isEqualTo(NASTY);
        assertThat(document.select("#name").attr("value")).isEqualTo(NASTY);
        assertThat(document.select("nav a[aria-current=page]").text()).isEqualTo("T");
        assertThat(document.select("[style], [onclick], [onload]")).isEmpty();
    }

    @Test
    void addressesAreEncoded() {
        assertThat(Links.to("me", "devices", "a/b ü?#")).isEqualTo("/me/devices/a%2Fb%20%C3%BC%3F%23");
        assertThat(Links.withQuery("/x", Map.of("q", "a&b=c"))).isEqualTo("/x?q=a%26b%3Dc");
        assertThat(Links.withQuery("/x", Map.of("q", ""))).isEqualTo("/x");
    }

    @Test
    void assetsAreThoseOfTheTableAndAreKeptByTheirHash() {
        var assets = new Assets();
        var style = assets.answer(get(List.of("assets", "airpost.css"), Assets.STYLE.replaceFirst(".*\\?", "")));
        assertThat(style.status()).isEqualTo(200);
        assertThat(style.headers().get("Cache-Control")).contains("immutable");
        assertThat(text(style)).doesNotContain("url(", "@import");
        assertThat(assets.answer(get(List.of("assets", "airpost.css"), "v=old")).headers())
                .containsEntry("Cache-Control", "no-cache");
        for (var path : List.of("package-info.class", "../web/airpost.css", "airpost.css/", "")) {
            assertThat(assets.answer(get(List.of("assets", path), "")).status())
                    .as(path)
                    .isEqualTo(404);
        }
        assertThat(assets.answer(get(List.of("assets"), "")).status()).isEqualTo(404);
    }

    private static WebRequest get(List<String> path, String query) {
        return new WebRequest(
                "GET", path, Fields.of(query), Map.of(), new byte[0], "127.0.0.1", true, Optional.empty());
    }

    @Test
    void aPatternGivesWhatStandsForItsNames() {
        var pattern = PathPattern.of("/admin/devices/{user}/{device}");
        assertThat(pattern.match(List.of("admin", "devices", "anna", "d1")))
                .hasValue(Map.of("user", "anna", "device", "d1"));
        assertThat(pattern.match(List.of("admin", "devices", "anna"))).isEmpty();
        assertThat(pattern.match(List.of("admin", "other", "anna", "d1"))).isEmpty();
        assertThat(pattern.names()).containsExactly("user", "device");
    }
}
