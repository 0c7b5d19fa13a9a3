package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Optional;
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
}
