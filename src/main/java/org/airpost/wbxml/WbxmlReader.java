package org.airpost.wbxml;

import java.io.InputStream;

/**
 * A cursor over a WBXML document, never a tree. The cursor stands in an element; {@link #child()} steps into its next
 * child, and at its end steps out of it:
 *
 * <pre>{@code
 * in.root(AirSync.SYNC);
 * while (in.child()) {
 *     switch (in.tag()) {
 *         case AirSync.SYNC_KEY -> key = in.text();
 *         case AirSync.COLLECTIONS -> readCollections(in); // itself a loop over child()
 *         default -> in.skip();
 *     }
 * }
 * }</pre>
 *
 * <p>Whoever steps into a child leaves it again, by {@link #text()}, {@link #bytes()} read to its end, {@link #skip()} or a
 * loop over {@code child()}. Errors are {@link MalformedRequestException} with offset and tag path. Not for several
 * threads. Source: WAP-192-WBXML; MS-ASWBXML.
 */
public final class WbxmlReader {

    public WbxmlReader(InputStream in, WbxmlLimits limits) {
        throw new UnsupportedOperationException();
    }

    /** Steps into the root element, of whatever tag; false if the document has no bytes at all. */
    public boolean root() {
        throw new UnsupportedOperationException();
    }

    /** Steps into the root element, which must be this one. */
    public void root(Tag expected) {
        throw new UnsupportedOperationException();
    }

    /** Steps into the next child of the present element and is true, or steps out of the present element and is false. */
    public boolean child() {
        throw new UnsupportedOperationException();
    }

    /** The element that the cursor stands in. */
    public Tag tag() {
        throw new UnsupportedOperationException();
    }

    /** The text of the present element, empty if it has none; steps out of it. Child elements are an error. */
    public String text() {
        throw new UnsupportedOperationException();
    }

    /** The text as a whole number within bounds; steps out of the element. */
    public long number(long least, long greatest) {
        throw new UnsupportedOperationException();
    }

    /** True for "1" and for an empty tag, false for "0"; steps out of the element. */
    public boolean flag() {
        throw new UnsupportedOperationException();
    }

    /** The content of the present element, opaque or text, as a stream that ends with it; its end steps out. */
    public InputStream bytes() {
        throw new UnsupportedOperationException();
    }

    /** Steps out of the present element, whatever is left in it. */
    public void skip() {
        throw new UnsupportedOperationException();
    }

    /** Names of the open elements from the root, separated by {@code /}. */
    public String path() {
        throw new UnsupportedOperationException();
    }

    /** Bytes read so far. */
    public long offset() {
        throw new UnsupportedOperationException();
    }

    /** An exception for a value at this place, to be thrown by who reads it. */
    public MalformedRequestException malformed(String problem) {
        throw new UnsupportedOperationException();
    }
}
