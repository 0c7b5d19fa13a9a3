package org.airpost.command;

import java.util.ArrayList;
import java.util.List;
import org.airpost.eas.Spool;

/** The bodies and attachments of drafts in one request, until it is answered. Not for several threads. */
final class DraftSpools implements AutoCloseable {

    /** Bytes of one body or attachment that are kept in memory. */
    private static final int IN_MEMORY = 64 << 10;

    private final boolean takesDrafts;
    private final long mostBytes;
    private final List<Spool> spools = new ArrayList<>();

    /**
     * Spools of a request.
     *
     * @param takesDrafts false below 16.0, where what is said of drafts is not even read
     * @param mostBytes of one draft
     */
    DraftSpools(boolean takesDrafts, long mostBytes) {
        this.takesDrafts = takesDrafts;
        this.mostBytes = mostBytes;
    }

    boolean takesDrafts() {
        return takesDrafts;
    }

    long mostBytes() {
        return mostBytes;
    }

    Spool open() {
        var spool = new Spool(IN_MEMORY, Long.MAX_VALUE);
        spools.add(spool);
        return spool;
    }

    @Override
    public void close() {
        spools.forEach(Spool::close);
        spools.clear();
    }
}
