package org.airpost.wbxml;

import java.io.InputStream;
import java.io.OutputStream;

/**
 * Writes a WBXML 1.3 document (UTF-8, no string table) as it goes, switching code pages where needed. An element that
 * gets no content is an empty tag. Characters that XML 1.0 forbids are left out of texts. An error of the stream beneath
 * is an {@link java.io.UncheckedIOException}. Not for several threads. Source: WAP-192-WBXML; MS-ASWBXML.
 */
public final class WbxmlWriter implements AutoCloseable {

    public WbxmlWriter(OutputStream out) {
        throw new UnsupportedOperationException();
    }

    /** Opens an element. */
    public WbxmlWriter start(Tag tag) {
        throw new UnsupportedOperationException();
    }

    /** Closes the element opened last. */
    public WbxmlWriter end() {
        throw new UnsupportedOperationException();
    }

    /** An element without content. */
    public WbxmlWriter empty(Tag tag) {
        throw new UnsupportedOperationException();
    }

    /** An element with a text; an empty text gives an empty tag. */
    public WbxmlWriter text(Tag tag, String text) {
        throw new UnsupportedOperationException();
    }

    /** An element with a whole number. */
    public WbxmlWriter text(Tag tag, long number) {
        throw new UnsupportedOperationException();
    }

    /** An element with "1" or "0". */
    public WbxmlWriter flag(Tag tag, boolean value) {
        throw new UnsupportedOperationException();
    }

    /** An element whose text is read from a stream of UTF-8 bytes, to its end. */
    public WbxmlWriter text(Tag tag, InputStream utf8) {
        throw new UnsupportedOperationException();
    }

    /** An element with opaque bytes. */
    public WbxmlWriter opaque(Tag tag, byte[] bytes) {
        throw new UnsupportedOperationException();
    }

    /** An element with exactly {@code length} opaque bytes from a stream. */
    public WbxmlWriter opaque(Tag tag, long length, InputStream bytes) {
        throw new UnsupportedOperationException();
    }

    /** Bytes written so far, those held back included. */
    public long size() {
        throw new UnsupportedOperationException();
    }

    /** Ends the document and flushes; elements still open are a bug of the caller. Does not close the stream beneath. */
    @Override
    public void close() {
        throw new UnsupportedOperationException();
    }
}
