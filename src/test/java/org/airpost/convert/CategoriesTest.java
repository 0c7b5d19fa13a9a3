package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Locale;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CategoriesTest {

    @Test
    void aPlainKeywordIsACategoryOfTheSameName() {
        assertThat(Categories.ofKeyword("Work")).contains("Work");
        assertThat(Categories.toKeyword("Work")).isEqualTo("Work");
    }

    @Test
    void keywordsOfMailersAreNotShown() {
        assertThat(Categories.of(List.of("\\Seen", "$Forwarded", "NonJunk", "junk", "$label1", "b", "A")))
                .containsExactly("A", "b");
    }

    @Test
    void aCategoryIsFoundAgainFromItsKeywordWhateverItIs() {
        var random = new Random(3);
        var alphabet = "aZ09 _=-&$\\\"(){%*]äß€日😀\u0001";
        for (var category :
                List.of("To do", "cat_x", "$Forwarded", "Junk", "", "=", "_", "Später (privat)", "\\Seen")) {
            isFoundAgain(category);
        }
        for (int i = 0; i < 5_000; i++) {
            var category = new StringBuilder();
            for (int n = random.nextInt(20); n > 0; n--) {
                int at = random.nextInt(alphabet.codePointCount(0, alphabet.length()));
                category.appendCodePoint(alphabet.codePointAt(alphabet.offsetByCodePoints(0, at)));
            }
            isFoundAgain(category.toString());
        }
    }

    private static void isFoundAgain(String category) {
        var keyword = Categories.toKeyword(category);
        assertThat(keyword).matches("[!#$&'+,./0-9:;<=>?@A-Z\\[^_`a-z|}~-]+").doesNotStartWith("$");
        assertThat(Categories.ofKeyword(keyword)).contains(category);
    }

    @Test
    void aServerThatDoesNotKeepTheCaseOfLettersLosesOnlyThat() {
        var keyword = Categories.toKeyword("Später heute").toLowerCase(Locale.ROOT);
        assertThat(Categories.ofKeyword(keyword)).contains("später heute");
    }

    @Test
    void aKeywordThatOnlyLooksEncodedIsShownAsItIs() {
        assertThat(Categories.ofKeyword("cat_=zz")).contains("cat_=zz");
        assertThat(Categories.ofKeyword("cat_plain")).contains("cat_plain");
    }
}
