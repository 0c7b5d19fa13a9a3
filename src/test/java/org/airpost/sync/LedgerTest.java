package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.HashMap;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.junit.jupiter.api.Test;

final class LedgerTest {

    private static Ledger random(Random random) {
        var flags = new HashMap<String, UidSet>();
        var present = someOf(random, UidSet.range(1, 200));
        for (var flag : Set.of(FolderView.SEEN, FolderView.FLAGGED, "Work")) {
            flags.put(flag, someOf(random, present));
        }
        return new Ledger(present, flags);
    }

    private static UidSet someOf(Random random, UidSet uids) {
        return UidSet.of(
                uids.ascending().stream().filter(_ -> random.nextInt(3) > 0).toList());
    }

    @Test
    void aDeltaLeadsFromOneLedgerToTheOther() {
        var random = new Random(1);
        for (int i = 0; i < 200; i++) {
            var one = random(random);
            var other = random(random);
            assertThat(one.apply(one.delta(other))).isEqualTo(other);
            assertThat(other.apply(one.delta(other))).isEqualTo(one);
            assertThat(one.delta(one).isEmpty()).isTrue();
        }
    }

    @Test
    void itIsReadAsItWasWritten() throws IOException {
        var ledger = random(new Random(2));
        var bytes = Ledgers.bytes(ledger::write);
        assertThat(Ledger.read(new DataInputStream(new ByteArrayInputStream(bytes))))
                .isEqualTo(ledger);
    }

    @Test
    void takingMessagesFromAnotherLedgerTakesTheirFlagsToo() {
        var one = new Ledger(UidSet.of(1, 2, 3), Map.of(FolderView.SEEN, UidSet.of(1, 2)));
        var other = new Ledger(UidSet.of(2, 4), Map.of(FolderView.FLAGGED, UidSet.of(2, 4)));
        var taken = one.takingFrom(other, UidSet.of(2, 4));
        assertThat(taken.present()).isEqualTo(UidSet.of(1, 2, 3, 4));
        assertThat(taken.with(FolderView.SEEN)).isEqualTo(UidSet.of(1));
        assertThat(taken.with(FolderView.FLAGGED)).isEqualTo(UidSet.of(2, 4));
    }

    @Test
    void flagsOfAMessageThatIsNotInItChangeNothing() {
        var ledger = new Ledger(UidSet.of(1), Map.of());
        assertThat(ledger.withFlags(2, Set.of(FolderView.SEEN), Set.of())).isEqualTo(ledger);
        assertThat(ledger.withFlags(1, Set.of(FolderView.SEEN), Set.of()).flagsOf(1))
                .containsExactly(FolderView.SEEN);
    }
}
