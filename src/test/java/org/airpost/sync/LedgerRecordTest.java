package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.UidSet;
import org.junit.jupiter.api.Test;

final class LedgerRecordTest {

    private static final Ledger ONE = new Ledger(UidSet.of(1), Map.of());
    private static final Ledger TWO = new Ledger(UidSet.of(1, 2), Map.of());

    private final LedgerRecord started = LedgerRecord.start(7, Optional.empty(), CollectionOptions.DEFAULT);

    @Test
    void theKeyOfALostAnswerMeansTheStateBeforeIt() {
        var answered = started.answering(ONE);
        assertThat(answered.at(started.key()).orElseThrow().state()).isEqualTo(Ledger.EMPTY);
        assertThat(answered.at(answered.namedKey()).orElseThrow().state()).isEqualTo(ONE);
        assertThat(answered.latest()).isEqualTo(ONE);
    }

    @Test
    void theKeyOfADroppedAnswerIsVoidAndIsNotGivenAgain() {
        var answered = started.answering(ONE);
        var again = answered.at(started.key()).orElseThrow().answering(TWO);
        assertThat(again.namedKey()).isNotEqualTo(answered.namedKey());
        assertThat(again.at(answered.namedKey())).isEmpty();
        assertThat(again.at(again.namedKey()).orElseThrow().state()).isEqualTo(TWO);
    }

    @Test
    void aKeyTwoGenerationsOldIsVoid() {
        var first = started.answering(ONE);
        var second = first.at(first.namedKey()).orElseThrow().answering(TWO);
        assertThat(second.at(started.key())).isEmpty();
        assertThat(second.at(first.namedKey())).isPresent();
    }

    @Test
    void keysThatWereNeverGivenAreVoid() {
        var answered = started.answering(ONE);
        for (var key : new String[] {"", "0", "01", "3", "99", "-1", "x", " 1"}) {
            assertThat(answered.at(key)).as(key).isEmpty();
        }
    }

    /** Source: MS-ASCMD R4606; sync-rules SK-03. */
    @Test
    void eachAnswerHasAKeyOfItsOwnWhichIsNever0AndShortHoweverManyThereWere() {
        var keys = new HashSet<String>(Set.of("0"));
        var record = started;
        keys.add(record.key());
        for (int answers = 1; answers <= 1_000; answers++) {
            record = record.answering(answers % 2 == 0 ? ONE : TWO);
            assertThat(keys.add(record.namedKey())).as(record.namedKey()).isTrue();
            record = answers % 3 == 0 ? record : record.at(record.namedKey()).orElseThrow();
        }
        var old = LedgerRecord.unreadable(Long.MAX_VALUE - 1_000_000_000_000L - 1);
        assertThat(old.answering(ONE).namedKey()).hasSizeLessThanOrEqualTo(64).isNotEqualTo("0");
    }
}
