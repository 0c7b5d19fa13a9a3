package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.LocalDate;
import java.util.Random;
import java.util.stream.Collectors;
import org.airpost.backend.MailQuery;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.StatusException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class KqlTest {

    private static final LocalDate WEDNESDAY = LocalDate.of(2026, 11, 25);

    /** A query as one would say it: {@code &} and, {@code |} or, {@code !} not. */
    private static String said(MailQuery query) {
        return switch (query) {
            case MailQuery.All() -> "all";
            case MailQuery.And(var parts) ->
                parts.stream().map(KqlTest::said).collect(Collectors.joining(" & ", "(", ")"));
            case MailQuery.Or(var parts) ->
                parts.stream().map(KqlTest::said).collect(Collectors.joining(" | ", "(", ")"));
            case MailQuery.Not(var part) -> "!" + said(part);
            case MailQuery.Text(var where, var text) ->
                where == MailQuery.Where.ANYWHERE ? text : where.name().toLowerCase(java.util.Locale.ROOT) + ":" + text;
            case MailQuery.Header(var name, var text) -> name + "=" + text;
            case MailQuery.Since(var day) -> ">=" + day;
            case MailQuery.Before(var day) -> "<" + day;
            case MailQuery.Flagged(var flag, boolean isSet) -> (isSet ? "" : "!") + flag;
            case MailQuery.Size(long bytes, boolean isLarger) -> (isLarger ? ">" : "<") + bytes;
        };
    }

    private static String read(String text) {
        return said(Kql.parse(text, WEDNESDAY));
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '~',
            quoteCharacter = '`',
            value = {
                // words and phrases
                "lunch ~ lunch",
                "lunch friday ~ (lunch & friday)",
                "\"lunch on friday\" ~ lunch on friday",
                "“lunch on friday” ~ lunch on friday",
                "«déjeuner» ~ déjeuner",
                "lun* ~ lun",
                "\"never closed ~ never closed",
                "lunch or dinner ~ (lunch & or & dinner)",
                // operators
                "lunch OR dinner ~ (lunch | dinner)",
                "a AND b OR c ~ ((a & b) | c)",
                "a (b OR c) ~ (a & (b | c))",
                "lunch NOT dinner ~ (lunch & !dinner)",
                "lunch -dinner +friday ~ (lunch & !dinner & friday)",
                "lunch OR ~ lunch",
                "AND lunch ~ lunch",
                "NOT ~ all",
                "((lunch ~ lunch",
                "lunch)) dinner ~ (lunch & dinner)",
                // properties
                "from:anna ~ from:anna",
                "From: anna ~ from:anna",
                "from:\"Anna Meier\" to:ben ~ (from:Anna Meier & to:ben)",
                "from:(anna OR ben) ~ (from:anna | from:ben)",
                "from:anna from:ben ~ (from:anna | from:ben)",
                "from:anna AND from:ben ~ (from:anna & from:ben)",
                "subject:plan lunch ~ (subject:plan & lunch)",
                "participants:anna ~ (from:anna | to:anna | cc:anna | bcc:anna)",
                "from: ~ from",
                "isread:false ~ !\\Seen",
                "isflagged:true ~ \\Flagged",
                "hasattachment:yes ~ Content-Type=multipart/mixed",
                "kind:email lunch ~ (all & lunch)",
                "size>2MB ~ >2097152",
                "size>999999999999g ~ >4294967295",
                "size<9000000000g ~ <4294967295",
                // what is no property
                "re: lunch ~ (re: & lunch)",
                "http://example.org/a ~ http://example.org/a",
                "18:30 ~ 18:30",
                // days
                "received:2026-01-31 ~ (>=2026-01-31 & <2026-02-01)",
                "received>=2026-01-31 ~ >=2026-01-31",
                "received:>2026-01-31 ~ >=2026-02-01",
                "received<1/31/2026 ~ <2026-01-31",
                "received<=31.1.2026 ~ <2026-02-01",
                "received:2026-01-01..2026-01-31 ~ (>=2026-01-01 & <2026-02-01)",
                "received:today ~ (>=2026-11-25 & <2026-11-26)",
                "sent:yesterday ~ (>=2026-11-24 & <2026-11-25)",
                "received:\"last week\" ~ (>=2026-11-16 & <2026-11-23)",
                "received:\"this month\" ~ (>=2026-11-01 & <2026-12-01)",
                "received:someday ~ someday",
                "received:2026-13-45 ~ 2026-13-45",
            })
    void whatPeopleTypeIsReadAsItIsMeant(String text, String meant) {
        assertThat(read(text)).isEqualTo(meant);
    }

    @Test
    void nothingButSpaceIsEverything() {
        assertThat(read("  \t ")).isEqualTo("all");
        assertThat(read("\"\" * ()")).isEqualTo("all");
    }

    @Test
    void whatIsTooMuchIsTooComplex() {
        for (var text :
                java.util.List.of("a ".repeat(40), "(".repeat(30) + "a", "a".repeat(2_000), "from:" + "(".repeat(40))) {
            assertThatThrownBy(() -> Kql.parse(text, WEDNESDAY))
                    .as(text)
                    .isInstanceOfSatisfying(
                            StatusException.class, e -> assertThat(e.status()).isEqualTo(SearchStatus.TOO_COMPLEX));
        }
    }

    @Test
    void noTextBreaksIt() {
        var pieces = java.util.List.of(
                "(",
                ")",
                "\"",
                "“",
                "OR",
                "AND",
                "NOT",
                "-",
                "+",
                "from:",
                "received:",
                "received>",
                "a",
                "ü",
                " ",
                "*",
                "..",
                "<>",
                "size>",
                "1/2/3",
                "\u0000",
                "\n",
                "category:",
                "😀");
        var random = new Random(8);
        for (int i = 0; i < 20_000; i++) {
            var text = random.ints(random.nextInt(12), 0, pieces.size())
                    .mapToObj(n -> pieces.get(n) + (random.nextBoolean() ? " " : ""))
                    .collect(Collectors.joining());
            try {
                said(Kql.parse(text, WEDNESDAY));
            } catch (StatusException e) {
                assertThat(e.status()).as(text).isEqualTo(SearchStatus.TOO_COMPLEX);
            }
        }
    }

    @Test
    void wordsAndHeadersOfSeveralTextsCountTogether() {
        MailQuery sixteen = Kql.parse("a ".repeat(16), WEDNESDAY);
        Kql.checkWords(new MailQuery.Or(java.util.List.of(sixteen, sixteen)));
        for (var more : java.util.List.of("a", "-a", "importance:high")) {
            var query = new MailQuery.Or(java.util.List.of(sixteen, sixteen, Kql.parse(more, WEDNESDAY)));
            assertThatThrownBy(() -> Kql.checkWords(query))
                    .as(more)
                    .isInstanceOfSatisfying(
                            StatusException.class, e -> assertThat(e.status()).isEqualTo(SearchStatus.TOO_COMPLEX));
        }
    }
}
