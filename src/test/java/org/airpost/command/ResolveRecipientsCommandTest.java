package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.airpost.backend.Directory;
import org.airpost.backend.Person;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.page.ResolveRecipients;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class ResolveRecipientsCommandTest {

    private final List<Directory.Query> asked = new ArrayList<>();

    private static Person person(String name, int photoBytes) {
        return new Person(
                Person.Source.DIRECTORY,
                List.of(name + "@example.org"),
                Map.of(),
                Optional.of(new Person.Photo(new byte[photoBytes])),
                List.of());
    }

    private String answer(Directory directory, int recipients, Optional<Long> maxPictures) {
        var command = new ResolveRecipientsCommand(
                (account, query) -> {
                    asked.add(query);
                    return directory.find(account, query);
                },
                () -> Instant.EPOCH);
        return Documents.text(command.run(Requests.of(CommandName.RESOLVE_RECIPIENTS, ProtocolVersion.V14_1)
                .body(out -> {
                    out.start(ResolveRecipients.RESOLVE_RECIPIENTS);
                    for (int i = 0; i < recipients; i++) {
                        out.text(ResolveRecipients.TO, "ann");
                    }
                    out.start(ResolveRecipients.OPTIONS)
                            .text(ResolveRecipients.MAX_AMBIGUOUS_RECIPIENTS, 100)
                            .start(ResolveRecipients.PICTURE);
                    maxPictures.ifPresent(most -> out.text(ResolveRecipients.MAX_PICTURES, most));
                    out.end().end().end();
                })));
    }

    private static int count(String text, String part) {
        return text.split(part, -1).length - 1;
    }

    @Test
    void photosOfOneAnswerHaveABoundAndAreNotAskedForBeyondIt() {
        var many = IntStream.range(0, 60)
                .mapToObj(i -> person("ann" + i, 100 << 10))
                .toList();
        var text = answer((_, _) -> new Directory.Found.Persons(many, false), 4, Optional.empty());
        assertThat(count(text, "<Data>")).isEqualTo(102); // of 100 KiB in 10 MiB
        assertThat(count(text, "<Status>175</Status>")).isEqualTo(4 * 60 - 102);
        assertThat(asked).extracting(Directory.Query::photos).containsExactly(true, true, false, false);
    }

    @Test
    void aPhotoThatIsTooLargeIsToldAndNotKept() {
        var ann = person("ann", (100 << 10) + 1);
        assertThat(ann.photo().orElseThrow().bytes()).isEmpty();
        assertThat(answer((_, _) -> new Directory.Found.Persons(List.of(ann), false), 1, Optional.empty()))
                .contains("<Picture><Status>174</Status></Picture>");
    }

    @Test
    void noPhotosAreAskedForWhereNoneMayBeGiven() {
        var ann = person("ann", 5);
        assertThat(answer((_, _) -> new Directory.Found.Persons(List.of(ann), false), 1, Optional.of(0L)))
                .contains("<Picture><Status>175</Status></Picture>");
        assertThat(asked).extracting(Directory.Query::photos).containsExactly(false);
    }
}
