package org.airpost.sync;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.Map;
import java.util.function.LongPredicate;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.Test;

/** What a Sync writes follows what changed, not the size of the folder. Source: DESIGN §14. */
final class LedgerBytesTest {

    private static final int MESSAGES = 100_000;
    private static final int MAILS = 1_000;
    private static final int TARGET = 4 << 10;

    @Test
    void oneNewMailInAFullFolder() {
        measure("all there", _ -> true);
    }

    @Test
    void oneNewMailInAFragmentedFolder() {
        measure("every tenth missing", uid -> uid % 10 != 0);
    }

    /** Each mail comes unread, is told, and is read at the computer before the next one. */
    private static void measure(String what, LongPredicate isThere) {
        var store = new FaultyStore(new MemoryStore(new Fixtures().clock));
        var ledgers = new Ledgers(store);
        var builder = UidSet.builder();
        for (long uid = 1; uid <= MESSAGES; uid++) {
            if (isThere.test(uid)) {
                builder.add(uid);
            }
        }
        var present = builder.build();
        var ledger = new Ledger(
                present,
                Map.of(
                        FolderView.SEEN, present.minus(UidSet.range(MESSAGES - 500, MESSAGES)),
                        FolderView.ANSWERED, present.and(UidSet.range(1, 20_000))));
        save(ledgers, LedgerRecord.start(7, ledgers.load(Fixtures.PHONE, "5"), CollectionOptions.DEFAULT));
        answer(ledgers, ledger);
        var written = new ArrayList<Long>();
        for (long uid = MESSAGES + 1; uid <= MESSAGES + MAILS; uid++) {
            ledger = new Ledger(
                    ledger.present().with(uid),
                    Map.of(
                            FolderView.SEEN,
                            ledger.with(FolderView.SEEN).with(uid - 1),
                            FolderView.ANSWERED,
                            ledger.with(FolderView.ANSWERED)));
            long before = store.bytes();
            answer(ledgers, ledger);
            written.add(store.bytes() - before);
        }
        assertThat(ledgers.load(Fixtures.PHONE, "5").orElseThrow().record().latest())
                .isEqualTo(ledger);
        long sum = written.stream().mapToLong(Long::longValue).sum();
        long most = written.stream().mapToLong(Long::longValue).max().orElseThrow();
        long large = written.stream().filter(bytes -> bytes > TARGET).count();
        System.out.printf(
                "ledger: %s: %,d bytes a mail on average, %,d at most, %d of %d above %,d%n",
                what, sum / MAILS, most, large, MAILS, TARGET);
        assertThat(sum / MAILS).isLessThanOrEqualTo(TARGET);
        assertThat(large).as("snapshots").isLessThanOrEqualTo(MAILS / 20);
    }

    private static void answer(Ledgers ledgers, Ledger next) {
        var record = ledgers.load(Fixtures.PHONE, "5").orElseThrow().record();
        save(ledgers, record.at(record.namedKey()).orElseThrow().answering(next));
    }

    private static void save(Ledgers ledgers, LedgerRecord record) {
        assertThat(ledgers.save(Fixtures.PHONE, "5", ledgers.load(Fixtures.PHONE, "5"), record))
                .isTrue();
    }
}
