package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each mail of {@code corpus/} beside what a phone shows of it. {@code -Dairpost.golden=write} writes the results anew; then
 * the difference is to be read.
 */
class CorpusTest {

    static List<Corpus.Row> rows() {
        return Corpus.rows();
    }

    @ParameterizedTest
    @MethodSource("rows")
    void aPhoneShowsWhatIsWrittenBesideTheMail(Corpus.Row row) throws IOException {
        var shown = Corpus.shown(Corpus.mail(row.name()));
        var golden = Corpus.DIRECTORY.resolve(row.name() + ".txt");
        if (System.getProperty("airpost.golden", "").equals("write")) {
            Files.writeString(golden, shown);
        }
        assertThat(shown).as(row.what()).isEqualTo(Files.readString(golden));
    }

    @Test
    void everyMailIsDescribedAndThereAreFourHundredAtLeast() throws IOException {
        try (Stream<String> files = Files.list(Corpus.DIRECTORY)
                .map(file -> file.getFileName().toString())
                .filter(name -> name.endsWith(".eml"))
                .map(name -> name.substring(0, name.length() - ".eml".length()))) {
            assertThat(files.sorted())
                    .containsExactlyElementsOf(
                            rows().stream().map(Corpus.Row::name).sorted().toList())
                    .hasSizeGreaterThanOrEqualTo(400);
        }
        assertThat(rows()).allSatisfy(row -> {
            assertThat(row.what()).isNotBlank();
            assertThat(row.where()).isNotBlank();
        });
    }

    @Test
    void noMailOfTheCorpusIsAPlaceholder() {
        assertThat(rows())
                .noneMatch(row -> Corpus.item(Corpus.place(Corpus.mail(row.name())), Corpus.wanting())
                        .isPlaceholder());
    }
}
