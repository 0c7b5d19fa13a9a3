package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.airpost.backend.Directory;
import org.airpost.backend.FreeBusy;
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
                FreeBusy.none(),
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

    private static FreeBusy.Span span(String from, String until, FreeBusy.Kind kind) {
        return new FreeBusy.Span(at(from), at(until), kind);
    }

    private static Instant at(String time) {
        return Instant.parse("2026-11-26T" + time + "Z");
    }

    private static String merged(String from, String until, FreeBusy.Span... spans) {
        return ResolveRecipientsCommand.merged(
                new FreeBusy.Times.Known(List.of(spans), Optional.empty(), Optional.empty()), at(from), at(until));
    }

    /** The examples of the specification. Source: MS-ASCMD R3326 to R3336. */
    @Test
    void aDigitIsForHalfAnHourFromTheStartOn() {
        var away = span("12:00:00", "12:05:00", FreeBusy.Kind.UNAVAILABLE);
        assertThat(merged("12:00:00", "13:00:00", away)).isEqualTo("30");
        assertThat(merged("12:04:59", "13:00:00", away)).isEqualTo("30");
        assertThat(merged("12:05:00", "13:00:00", away)).isEqualTo("00");
        assertThat(merged("13:00:00", "13:30:00")).isEqualTo("0");
        assertThat(merged("12:59:59", "13:30:00")).isEqualTo("00");
        assertThat(merged("13:00:00", "13:30:01")).isEqualTo("00");
        assertThat(merged(
                        "08:00:00",
                        "10:30:00",
                        span("07:00:00", "08:30:00", FreeBusy.Kind.UNAVAILABLE),
                        span("08:30:00", "09:30:00", FreeBusy.Kind.BUSY),
                        span("10:00:00", "11:30:00", FreeBusy.Kind.TENTATIVE)))
                .isEqualTo("32201");
        assertThat(merged(
                        "08:00:00",
                        "09:00:00",
                        span("08:25:00", "08:30:00", FreeBusy.Kind.BUSY),
                        span("08:00:00", "09:00:00", FreeBusy.Kind.TENTATIVE)))
                .as("of several the greatest")
                .isEqualTo("21");
        assertThat(merged("08:00:00", "09:00:00", span("06:00:00", "07:00:00", FreeBusy.Kind.BUSY)))
                .isEqualTo("00");
        assertThat(merged("08:00:00", "09:00:00", span("09:00:00", "10:00:00", FreeBusy.Kind.BUSY)))
                .isEqualTo("00");
    }

    @Test
    void whatTheServerDoesNotKnowOfIsNotFree() {
        assertThat(ResolveRecipientsCommand.merged(
                        new FreeBusy.Times.Known(List.of(), Optional.of(at("09:00:00")), Optional.of(at("10:00:00"))),
                        at("08:00:00"),
                        at("11:00:00")))
                .isEqualTo("440044");
    }

    /** 162 of who was not told of in time, so that the phone asks again; 163 of who is not known. */
    @Test
    void whoIsBusyIsToldAsFarAsItIsKnown() {
        Directory directory = (_, query) -> new Directory.Found.Persons(
                query.words().equals("nobody") ? List.of() : List.of(person(query.words(), 0)), false);
        FreeBusy calendars = (_, addresses, from, until, _) -> {
            assertThat(addresses)
                    .containsExactly("ann@example.org", "bob@example.org", "carl@example.org", "dora@example.org");
            return Map.of(
                    "ann@example.org",
                    new FreeBusy.Times.Known(
                            List.of(new FreeBusy.Span(from, until, FreeBusy.Kind.BUSY)),
                            Optional.empty(),
                            Optional.empty()),
                    "bob@example.org",
                    new FreeBusy.Times.Unknown("no"),
                    "carl@example.org",
                    new FreeBusy.Times.Failed("down"));
        };
        var command = new ResolveRecipientsCommand(directory, calendars, () -> Instant.EPOCH);
        var text = Documents.text(command.run(Requests.of(CommandName.RESOLVE_RECIPIENTS, ProtocolVersion.V14_0)
                .body(out -> {
                    out.start(ResolveRecipients.RESOLVE_RECIPIENTS);
                    for (var name : List.of("ann", "bob", "carl", "dora", "nobody")) {
                        out.text(ResolveRecipients.TO, name);
                    }
                    out.start(ResolveRecipients.OPTIONS)
                            .start(ResolveRecipients.AVAILABILITY)
                            .text(ResolveRecipients.START_TIME, "2026-11-26T08:00:00.000Z")
                            .text(ResolveRecipients.END_TIME, "2026-11-26T09:30:00.000Z")
                            .end()
                            .end()
                            .end();
                })));
        assertThat(text)
                .contains("<EmailAddress>ann@example.org</EmailAddress><Availability><Status>1</Status>"
                        + "<MergedFreeBusy>222</MergedFreeBusy></Availability>")
                .contains(
                        "<EmailAddress>bob@example.org</EmailAddress><Availability><Status>163</Status></Availability>")
                .contains(
                        "<EmailAddress>carl@example.org</EmailAddress><Availability><Status>162</Status></Availability>")
                .contains(
                        "<EmailAddress>dora@example.org</EmailAddress><Availability><Status>162</Status></Availability>");
        assertThat(count(text, "<Availability>")).isEqualTo(4);
    }
}
