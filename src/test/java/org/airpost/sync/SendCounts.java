package org.airpost.sync;

import java.util.concurrent.atomic.LongAdder;

/** What happened in the runs of {@link SendWorld}. */
final class SendCounts {

    final LongAdder mails = new LongAdder();
    final LongAdder delivered = new LongAdder();
    final LongAdder requests = new LongAdder();
    final LongAdder atOnce = new LongAdder();
    final LongAdder lostAnswers = new LongAdder();
    final LongAdder failures = new LongAdder();
    final LongAdder kills = new LongAdder();
    final LongAdder windows = new LongAdder();
    final LongAdder doubled = new LongAdder();

    @Override
    public String toString() {
        return ("%,d mails in %,d requests (%,d on two connections at once, %,d answers lost, %,d failures of store or mailbox,"
                        + " %,d kills), %,d delivered; server's final reply lost %,d times (%.2f %% of mails), and %,d mails"
                        + " delivered twice by that (%.2f %%)")
                .formatted(
                        mails.sum(),
                        requests.sum(),
                        atOnce.sum(),
                        lostAnswers.sum(),
                        failures.sum(),
                        kills.sum(),
                        delivered.sum(),
                        windows.sum(),
                        100.0 * windows.sum() / Math.max(1, mails.sum()),
                        doubled.sum(),
                        100.0 * doubled.sum() / Math.max(1, mails.sum()));
    }
}
