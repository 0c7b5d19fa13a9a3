package org.airpost.sync;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import java.util.function.UnaryOperator;

/**
 * The two generations of a ledger, as DESIGN §6 has them: the one that the phone is known to have, and the one that was sent
 * and may have been lost. Each generation has a number of its own, which is its SyncKey; the number of an answer that was
 * dropped is not given again, or a phone that had got it after all would be taken for having got another one (SK-08).
 *
 * @param uidValidity UIDVALIDITY of the mailbox that the UIDs belong to
 * @param generation the SyncKey of the state
 * @param named the greatest generation that was ever named to the phone; that of the next state, if there is one
 * @param state the ledger that the phone is known to have
 * @param next the ledger after the last answer, if it may have been lost
 * @param options the collection's sticky options
 * @param drafts what the phone's drafts need, if the folder is that of drafts
 */
public record LedgerRecord(
        long uidValidity,
        long generation,
        long named,
        Ledger state,
        Optional<Ledger> next,
        CollectionOptions options,
        DraftNotes drafts) {

    /**
     * A record after SyncKey 0: an empty ledger of a generation that no earlier one of this device had, so that a late request
     * with a key of before finds nothing.
     */
    public static LedgerRecord start(long uidValidity, Optional<Ledgers.Loaded> before, CollectionOptions options) {
        long generation = before.map(loaded -> loaded.record().named()).orElse(0L) + 1;
        return new LedgerRecord(
                uidValidity, generation, generation, Ledger.EMPTY, Optional.empty(), options, DraftNotes.NONE);
    }

    /** A record in the place of one that cannot be read: it knows no key that the phone has, and no mailbox. */
    static LedgerRecord unreadable(long storeVersion) {
        long generation = generationAfterDamage(storeVersion);
        return new LedgerRecord(
                0, generation, generation, Ledger.EMPTY, Optional.empty(), CollectionOptions.DEFAULT, DraftNotes.NONE);
    }

    /** A generation far above any that a device has a key of, and another one for each damaged version in the store. */
    static long generationAfterDamage(long storeVersion) {
        return 1_000_000_000_000L + storeVersion;
    }

    /** The SyncKey of the present generation. */
    public String key() {
        return Long.toString(generation);
    }

    /** The ledger from which a request with this key is to be answered; empty if the key is not a known one. */
    public Optional<LedgerRecord> at(String syncKey) {
        if (syncKey.equals(Long.toString(generation))) {
            return Optional.of(
                    new LedgerRecord(uidValidity, generation, named, state, Optional.empty(), options, drafts));
        }
        if (next.isPresent() && syncKey.equals(Long.toString(named))) {
            return Optional.of(new LedgerRecord(
                    uidValidity, named, named, next.get(), Optional.empty(), options, drafts.answered()));
        }
        return Optional.empty();
    }

    /**
     * True if the answer that named this key may have said only that there is more: it is the last one and changed nothing, or
     * the one after it was lost, so that what it said is not known any more.
     */
    public boolean mayBePutOffAt(String syncKey) {
        return next.isPresent() && (!syncKey.equals(namedKey()) || next.get().equals(state));
    }

    /** The ledger that the phone has if every answer arrived. */
    public Ledger latest() {
        return next.orElse(state);
    }

    /** The SyncKey that the last answer named. */
    public String namedKey() {
        return Long.toString(named);
    }

    /** The same with a next state, under a new key. */
    public LedgerRecord answering(Ledger nextState) {
        return new LedgerRecord(
                uidValidity,
                generation,
                named + 1,
                state,
                Optional.of(nextState),
                options,
                drafts.keeping(state, nextState));
    }

    /** The same with other options. */
    public LedgerRecord with(CollectionOptions changed) {
        return new LedgerRecord(uidValidity, generation, named, state, next, changed, drafts);
    }

    /** The same with other notes on drafts. */
    public LedgerRecord with(DraftNotes changed) {
        return new LedgerRecord(uidValidity, generation, named, state, next, options, changed);
    }

    /** The same with ledgers of both generations changed. */
    LedgerRecord changing(UnaryOperator<Ledger> change) {
        return new LedgerRecord(uidValidity, generation, named, change.apply(state), next.map(change), options, drafts);
    }

    void writeHead(DataOutputStream out) throws IOException {
        out.writeLong(uidValidity);
        out.writeLong(generation);
        out.writeLong(named);
        options.write(out);
        drafts.write(out);
    }

    /** Reads what {@link #writeHead} wrote, also in an older format of {@link Ledgers}. */
    static LedgerRecord readHead(DataInputStream in, Ledger state, Optional<Ledger> next, int format)
            throws IOException {
        long uidValidity = in.readLong();
        long generation = in.readLong();
        long named = in.readLong();
        var options = CollectionOptions.read(in, format >= Ledgers.FORMAT);
        var drafts = format >= Ledgers.FORMAT_WITH_DRAFTS ? DraftNotes.read(in) : DraftNotes.NONE;
        return new LedgerRecord(uidValidity, generation, named, state, next, options, drafts);
    }
}
