package org.airpost.wbxml;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class CodePagesTest {

    /** One row of the specification's tables. */
    private record Row(int page, String namespace, int token, String name) {

        static Row of(String line) {
            var columns = List.of(line.split("\t", -1));
            return new Row(
                    Integer.parseInt(columns.get(0)), columns.get(1), Integer.decode(columns.get(2)), columns.get(3));
        }
    }

    @Test
    void everyTagOfTheSpecificationIsThereUnderItsNumberAndItsName() throws IOException {
        var rows = rows();
        assertThat(rows).hasSize(653);
        assertThat(rows).allSatisfy(row -> {
            var tag = CodePages.tag(row.page(), row.token());
            assertThat(new Row(tag.page(), tag.namespace(), tag.token(), tag.tagName()))
                    .isEqualTo(row);
            assertThat(CodePages.tag(row.namespace(), row.name())).contains(tag);
        });
    }

    @Test
    void noTagIsThereThatTheSpecificationDoesNotHave() throws IOException {
        assertThat(CodePages.all().stream()
                        .map(tag -> new Row(tag.page(), tag.namespace(), tag.token(), tag.tagName())))
                .containsExactlyInAnyOrderElementsOf(rows());
    }

    @Test
    void everyOtherTokenIsUnknownAndKeepsItsNumbers() {
        var known = CodePages.all();
        for (int page : IntStream.range(0, 256).toArray()) {
            for (int token : IntStream.range(0x05, 0x40).toArray()) {
                var tag = CodePages.tag(page, token);
                assertThat(tag.page()).isEqualTo(page);
                assertThat(tag.token()).isEqualTo(token);
                assertThat(known.contains(tag)).isEqualTo(!(tag instanceof Tag.Unknown));
            }
        }
    }

    private static List<Row> rows() throws IOException {
        var stream = Objects.requireNonNull(CodePagesTest.class.getResourceAsStream("codepages.tsv"));
        try (var lines = new BufferedReader(new InputStreamReader(stream, StandardCharsets.UTF_8))) {
            return lines.lines().skip(1).map(Row::of).toList();
        }
    }
}
