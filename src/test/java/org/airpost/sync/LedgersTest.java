package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.UidSet;
import org.airpost.eas.FilterType;
import org.airpost.store.Store;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;

final class LedgersTest {

    private final Store store = new MemoryStore(new Fixtures().clock);
    private final Ledgers ledgers = new Ledgers(store);

    private static Ledger told(UidSet uids) {
        return new Ledger(uids, Map.of("\\Seen", uids));
    }

    private LedgerRecord start() {
        var record = LedgerRecord.start(7, ledgers.load(Fixtures.PHONE, "5"), CollectionOptions.DEFAULT);
        assertThat(ledgers.save(Fixtures.PHONE, "5", ledgers.load(Fixtures.PHONE, "5"), record))
                .isTrue();
        return record;
    }

    private LedgerRecord loaded() {
        return ledgers.load(Fixtures.PHONE, "5").orElseThrow().record();
    }

    private LedgerRecord answer(Ledger next) {
        var before = ledgers.load(Fixtures.PHONE, "5");
        var record = before.orElseThrow().record();
        var after = record.at(record.namedKey()).orElseThrow().answering(next);
        assertThat(ledgers.save(Fixtures.PHONE, "5", before, after)).isTrue();
        return after;
    }

    /** Keys of snapshots in the store. */
    private List<String> snapshots() {
        return store.scan("base/", "", 100).stream().map(Store.Entry::key).toList();
    }

    @Test
    void aRecordIsReadAsItWasWritten() {
        start();
        var written = answer(told(UidSet.of(1, 2, 3)));
        assertThat(loaded()).isEqualTo(written);
        var later = answer(told(UidSet.of(2, 3, 4)));
        assertThat(loaded()).isEqualTo(later);
        assertThat(loaded().state()).isEqualTo(told(UidSet.of(1, 2, 3)));
    }

    @Test
    void aLogThatHasGrownBecomesASnapshotAndOnlyTheLatestStays() {
        start();
        for (long uid = 1; uid <= 400; uid++) {
            var written = answer(told(UidSet.range(1, uid)));
            assertThat(loaded()).isEqualTo(written);
        }
        assertThat(snapshots()).hasSize(1);
    }

    @Test
    void whoWasNotTheFirstToWriteChangesNothing() {
        start();
        var mine = ledgers.load(Fixtures.PHONE, "5");
        var theirs = answer(told(UidSet.of(9)));
        var lost = mine.orElseThrow().record().answering(told(UidSet.of(1)));
        assertThat(ledgers.save(Fixtures.PHONE, "5", mine, lost)).isFalse();
        assertThat(loaded()).isEqualTo(theirs);
    }

    @Test
    void whoLosesWithASnapshotDoesNotTouchTheWinners() {
        start();
        answer(told(UidSet.range(1, 100_000)));
        answer(Ledger.EMPTY);
        var mine = ledgers.load(Fixtures.PHONE, "5");
        var theirs = ledgers.load(Fixtures.PHONE, "5");
        var scattered = UidSet.builder();
        for (long uid = 1; uid < 60_000; uid += 7) {
            scattered.add(uid);
        }
        var winner = new LedgerRecord(
                7,
                40,
                41,
                told(scattered.build()),
                Optional.of(Ledger.EMPTY),
                CollectionOptions.DEFAULT,
                DraftNotes.NONE);
        var loser = new LedgerRecord(
                7,
                40,
                41,
                told(scattered.build().with(3)),
                Optional.of(Ledger.EMPTY),
                CollectionOptions.DEFAULT,
                DraftNotes.NONE);
        assertThat(ledgers.save(Fixtures.PHONE, "5", theirs, winner)).isTrue();
        assertThat(ledgers.save(Fixtures.PHONE, "5", mine, loser)).isFalse();
        assertThat(loaded()).isEqualTo(winner);
        assertThat(snapshots()).hasSize(1);
    }

    @Test
    void aSnapshotLeftByACrashIsInNobodysWayAndGoesWithTheNext() {
        start();
        store.put("base/ann/ab12/5/1", new byte[] {1, 2, 3}, Store.ABSENT);
        for (long uid = 1; uid <= 400; uid++) {
            var written = answer(told(UidSet.range(1, uid)));
            assertThat(loaded()).isEqualTo(written);
        }
        assertThat(snapshots()).hasSize(1).doesNotContain("base/ann/ab12/5/1");
    }

    @Test
    void aForgottenCollectionLeavesNothing() {
        start();
        for (long uid = 1; uid <= 100; uid++) {
            answer(told(UidSet.range(1, uid)));
        }
        ledgers.forget(Fixtures.PHONE, "5");
        assertThat(store.scan("", "", 10)).isEmpty();
        assertThat(ledgers.load(Fixtures.PHONE, "5")).isEmpty();
    }

    @Test
    void aRecordThatCannotBeReadKnowsNoKeyAndIsWrittenOver() {
        store.put("ledger/ann/ab12/5", new byte[] {99}, Store.ABSENT);
        store.put("ledger/ann/ab12/6", new byte[] {1, 0}, Store.ABSENT);
        for (var folder : List.of("5", "6")) {
            var damaged = ledgers.load(Fixtures.PHONE, folder);
            assertThat(damaged.orElseThrow().record().at("1")).isEmpty();
            assertThat(damaged.orElseThrow().record().uidValidity()).isZero();
            var anew = LedgerRecord.start(7, damaged, CollectionOptions.DEFAULT);
            assertThat(ledgers.save(Fixtures.PHONE, folder, damaged, anew)).isTrue();
            assertThat(ledgers.load(Fixtures.PHONE, folder).orElseThrow().record())
                    .isEqualTo(anew);
        }
    }

    @Test
    void aMessageMovedByThePhoneIsOwedInBothGenerations() {
        start();
        answer(told(UidSet.of(1)));
        ledgers.bring(Fixtures.PHONE, "5", told(UidSet.of(8)));
        ledgers.quiet(Fixtures.PHONE, "5", UidSet.of(1));
        assertThat(loaded().state().owed()).isEqualTo(UidSet.of(8));
        assertThat(loaded().latest().owed()).isEqualTo(UidSet.of(8));
        assertThat(loaded().latest().quiet()).isEqualTo(UidSet.of(1));
        assertThat(loaded().latest().flagsOf(8)).contains("\\Seen");
    }

    /** Before there was ConversationMode. */
    @Test
    void aHeadOfFormat2IsRead() {
        var store = new MemoryStore(new Fixtures().clock);
        var options = CollectionOptions.DEFAULT.with(FilterType.ONE_WEEK).withConversations(true);
        var old = new Ledgers(store);
        assertThat(old.save(Fixtures.PHONE, "5", Optional.empty(), LedgerRecord.start(7, Optional.empty(), options)))
                .isTrue();
        var head = store.get("ledger/ann/ab12/5").orElseThrow();
        var written = head.value();
        assertThat(written[0]).isEqualTo((byte) 3);
        assertThat(written[40]).as("ConversationMode").isEqualTo((byte) 1);
        var before = new byte[written.length - 1];
        System.arraycopy(written, 0, before, 0, 40);
        System.arraycopy(written, 41, before, 40, written.length - 41);
        before[0] = 2;
        store.put("ledger/ann/ab12/5", before, head.version());

        var loaded = new Ledgers(store).load(Fixtures.PHONE, "5").orElseThrow().record();

        assertThat(loaded.options()).isEqualTo(options.withConversations(false));
        assertThat(loaded.uidValidity()).isEqualTo(7);
    }
}
