package org.airpost.eas;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;

/**
 * Bytes of unknown length on their way through: in memory while they are few, in a temporary file (mode 0600) past a
 * threshold. Written once, then read as often as needed. {@link #close} removes the file. Not for several threads while it
 * is written.
 */
public final class Spool implements AutoCloseable {

    /** A spool that keeps this many bytes in memory and refuses, with an IOException, more than {@code most}. */
    public Spool(int inMemory, long most) {
        throw new UnsupportedOperationException();
    }

    /** Where to write; closing it changes nothing. */
    public OutputStream out() {
        throw new UnsupportedOperationException();
    }

    /** Bytes written so far. */
    public long size() {
        throw new UnsupportedOperationException();
    }

    /** A new stream over all bytes written so far; whoever asked closes it. */
    public InputStream open() throws IOException {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
