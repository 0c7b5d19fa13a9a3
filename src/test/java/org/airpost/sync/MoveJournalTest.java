package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.airpost.store.Store;
import org.airpost.sync.MoveJournal.Move;
import org.airpost.sync.MoveJournal.Moved;
import org.junit.jupiter.api.Test;

final class MoveJournalTest {

    private final Fixtures ann = new Fixtures();
    private final MoveJournal journal = new MoveJournal(ann.store, ann.clock);

    private Optional<Moved> find(Move move) {
        return Optional.ofNullable(journal.before(Fixtures.PHONE).get(move));
    }

    @Test
    void aMoveIsFoundByWhatWasAskedFor() {
        journal.note(Fixtures.PHONE, Map.of(new Move("1:7", 3, "5"), new Moved("5:2", 9)));
        assertThat(find(new Move("1:7", 3, "5"))).contains(new Moved("5:2", 9));
        assertThat(find(new Move("1:7", 3, "6"))).isEmpty();
        assertThat(find(new Move("1:7", 4, "5"))).isEmpty();
    }

    @Test
    void theLatestTwoThousandAreKept() {
        var many = new LinkedHashMap<Move, Moved>();
        for (int i = 1; i <= 2_000; i++) {
            many.put(new Move("1:" + i, 3, "5"), new Moved("5:" + i, 9));
        }
        journal.note(Fixtures.PHONE, many);
        journal.note(Fixtures.PHONE, Map.of(new Move("1:1", 3, "5"), new Moved("5:1", 9)));
        journal.note(Fixtures.PHONE, Map.of(new Move("1:9999", 3, "5"), new Moved("5:9999", 9)));
        assertThat(find(new Move("1:1", 3, "5"))).contains(new Moved("5:1", 9));
        assertThat(find(new Move("1:2", 3, "5"))).isEmpty();
        assertThat(find(new Move("1:9999", 3, "5"))).contains(new Moved("5:9999", 9));
    }

    @Test
    void itIsForgottenAfterThirtyDays() {
        journal.note(Fixtures.PHONE, Map.of(new Move("1:7", 3, "5"), new Moved("5:2", 9)));
        ann.now = ann.now.plus(Duration.ofDays(29));
        assertThat(find(new Move("1:7", 3, "5"))).isPresent();
        ann.now = ann.now.plus(Duration.ofDays(2));
        assertThat(find(new Move("1:7", 3, "5"))).isEmpty();
    }

    /** A repeat of before finds nothing then; but no move to come may fail by it. */
    @Test
    void whatCannotBeReadIsNoJournal() {
        ann.store.put("moves/" + Fixtures.PHONE.path(), new byte[] {0, 0, 0, 7, 1}, Store.ABSENT);
        assertThat(journal.before(Fixtures.PHONE)).isEmpty();
        journal.note(Fixtures.PHONE, Map.of(new Move("1:7", 3, "5"), new Moved("5:2", 9)));
        assertThat(find(new Move("1:7", 3, "5"))).isPresent();
    }
}
