package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;

class MailboxSearchTest {

    private static String key(String text, String searchId, List<String> anyOf, List<String> classes) {
        var request = Requests.of(CommandName.SEARCH, ProtocolVersion.V16_1).bytes(new byte[0]);
        return MailboxSearch.key(new SearchQuestion(
                request,
                SearchQuestion.By.SEARCH,
                text,
                new SearchQuestion.Criteria(
                        anyOf, classes, List.of(), Optional.empty(), Optional.empty(), Optional.empty()),
                Optional.empty(),
                false,
                false,
                searchId,
                new BodyOptionsReader(),
                Optional.empty()));
    }

    @Test
    void aLongQuestionHasAShortKey() {
        var text = "a".repeat(100_000);
        assertThat(key(text, text, List.of(text), List.of(text)))
                .hasSameSizeAs(key("a", "", List.of(), List.of()))
                .isEqualTo(key(text, text, List.of(text), List.of(text)));
    }

    @Test
    void questionsThatLookAlikeHaveKeysOfTheirOwn() {
        assertThat(List.of(
                        key("a", "b", List.of(), List.of()),
                        key("ab", "", List.of(), List.of()),
                        key("b", "a", List.of(), List.of()),
                        key("", "", List.of("a", "b"), List.of()),
                        key("", "", List.of("a, b"), List.of()),
                        key("", "", List.of("a"), List.of("b")),
                        key("", "", List.of(), List.of("a", "b"))))
                .doesNotHaveDuplicates();
    }
}
