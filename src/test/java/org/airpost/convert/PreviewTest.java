package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Random;
import org.junit.jupiter.api.Test;

class PreviewTest {

    @Test
    void addressesQuotesAndLinesOfSignsAreLeftOut() {
        assertThat(Preview.of("Look here: https://example.org/a?b=c\r\n> what you wrote\r\n-----\r\nBye", 100))
                .isEqualTo("Look here: Bye");
    }

    @Test
    void whereThereAreOnlyQuotesTheyAreShown() {
        assertThat(Preview.of("> only this\r\n> was written", 100)).isEqualTo("only this was written");
    }

    @Test
    void aLongTextGivesTheSameAsItsWholeDoes() {
        var random = new Random(7);
        var words = new String[] {
            "word",
            "https://example.org/" + "x".repeat(700),
            "[cid:" + "y".repeat(400) + "]",
            "\r\n",
            "\r\n> ",
            "   ",
            "=====",
            "\u00A0\u200B",
            "Grüße",
            "\uD83C\uDF89",
            "<https://example.org>"
        };
        for (int n = 0; n < 300; n++) {
            var text = new StringBuilder();
            while (text.length() < 6_000) {
                text.append(words[random.nextInt(words.length)]).append(random.nextInt(3) == 0 ? "" : " ");
            }
            // With so many characters wanted, the first look is at all of it.
            var whole = Preview.of(text.toString(), 6_000);
            int wanted = 1 + random.nextInt(300);
            assertThat(Preview.of(text.toString(), wanted))
                    .isEqualTo(Preview.firstCharacters(whole, wanted).strip());
        }
    }
}
