package org.airpost.sync;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Optional;
import org.airpost.backend.UidSet;

/**
 * The two generations of a ledger, as DESIGN §6 has them: the state of generation n, which the phone is known to have, and
 * that of n+1, which was sent and may have been lost.
 *
 * @param uidValidity UIDVALIDITY of the mailbox that the UIDs belong to
 * @param generation n: its number is the SyncKey of the state
 * @param state the ledger at generation n
 * @param next the ledger at generation n+1, if an answer has named it
 * @param quiet messages that the phone itself moved in or out: they are told at the next occasion, but wake nobody
 * @param options the collection's sticky options
 */
public record LedgerRecord(
        long uidValidity,
        long generation,
        Ledger state,
        Optional<Ledger> next,
        UidSet quiet,
        CollectionOptions options) {

    /**
     * A record after SyncKey 0: an empty ledger of a generation that no earlier one of this device had, so that a late request
     * with a key of before finds nothing.
     */
    public static LedgerRecord start(long uidValidity, Optional<Ledgers.Loaded> before, CollectionOptions options) {
        long generation = before.map(loaded -> loaded.record().greatest()).orElse(0L) + 1;
        return new LedgerRecord(uidValidity, generation, Ledger.EMPTY, Optional.empty(), UidSet.EMPTY, options);
    }

    /** The SyncKey of the present generation. */
    public String key() {
        return Long.toString(generation);
    }

    /** The ledger from which a request with this key is to be answered; empty if the key is not a known one. */
    public Optional<LedgerRecord> at(String syncKey) {
        if (syncKey.equals(Long.toString(generation))) {
            return Optional.of(new LedgerRecord(uidValidity, generation, state, Optional.empty(), quiet, options));
        }
        if (next.isPresent() && syncKey.equals(Long.toString(generation + 1))) {
            return Optional.of(
                    new LedgerRecord(uidValidity, generation + 1, next.get(), Optional.empty(), quiet, options));
        }
        return Optional.empty();
    }

    /** The ledger that the phone has if every answer arrived. */
    public Ledger latest() {
        return next.orElse(state);
    }

    /** The greatest generation that was ever named to the phone. */
    long greatest() {
        return next.isPresent() ? generation + 1 : generation;
    }

    /** The SyncKey that an answer with a next state names. */
    public String nextKey() {
        return Long.toString(generation + 1);
    }

    /** The same with a next state. */
    public LedgerRecord answering(Ledger nextState, UidSet stillQuiet) {
        return new LedgerRecord(uidValidity, generation, state, Optional.of(nextState), stillQuiet, options);
    }

    /** The same with other options. */
    public LedgerRecord with(CollectionOptions changed) {
        return new LedgerRecord(uidValidity, generation, state, next, quiet, changed);
    }

    /** The same with more quiet messages. */
    LedgerRecord quieting(UidSet uids) {
        return new LedgerRecord(uidValidity, generation, state, next, quiet.or(uids), options);
    }

    void writeHead(DataOutputStream out) throws IOException {
        out.writeLong(uidValidity);
        out.writeLong(generation);
        quiet.write(out);
        options.write(out);
    }

    static LedgerRecord readHead(DataInputStream in, Ledger state, Optional<Ledger> next) throws IOException {
        long uidValidity = in.readLong();
        long generation = in.readLong();
        var quiet = UidSet.read(in);
        return new LedgerRecord(uidValidity, generation, state, next, quiet, CollectionOptions.read(in));
    }
}
