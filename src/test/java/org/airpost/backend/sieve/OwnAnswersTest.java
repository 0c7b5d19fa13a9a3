package org.airpost.backend.sieve;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(20)
class OwnAnswersTest {

    @Test
    void whoRequiresVacationAnswers() {
        assertThat(List.of(
                        "require \"vacation\";",
                        "require [\"fileinto\",\n  \"vacation-seconds\"];\nkeep;",
                        "# require\nREQUIRE\"fileinto\"; require\n[\"vacation\"];"))
                .allMatch(SieveAbsences::answersByItself);
        assertThat(List.of(
                        "",
                        "require \"fileinto\"; redirect \"vacation\";",
                        "  # require \"vacation\";\nkeep;",
                        "required \"vacation\";",
                        "require \"vacation\""))
                .noneMatch(SieveAbsences::answersByItself);
    }

    @Test
    void aLongScriptIsReadOnce() {
        assertThat(SieveAbsences.answersByItself("require \"vacation".repeat(50_000)))
                .isFalse();
        assertThat(SieveAbsences.answersByItself("xrequire;".repeat(100_000))).isFalse();
        assertThat(SieveAbsences.answersByItself("\n \t".repeat(300_000) + "x")).isFalse();
    }
}
