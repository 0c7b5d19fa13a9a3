package org.airpost.wbxml;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Writes a WBXML 1.3 document (UTF-8, no string table) as it goes, switching code pages where needed. An element that
 * gets no content is an empty tag. Characters that XML 1.0 forbids are left out of texts. An error of the stream beneath
 * is an {@link java.io.UncheckedIOException}. Elements that do not balance, a second root and writing after the end are
 * bugs of the caller: {@link IllegalStateException}. Not for several threads. Source: WAP-192-WBXML §5; MS-ASWBXML.
 */
public final class WbxmlWriter implements AutoCloseable {

    private static final int BUFFER = 8192;
    private static final int REPLACEMENT = 0xFFFD;

    /** Texts of so many characters are turned into UTF-8 at once; shorter ones, and what is too long for it, one by one. */
    private static final int LONG = 64;

    private static final int TOO_LONG = 256 << 10;

    /** Version 1.3, unknown public identifier, UTF-8, no string table. Source: MS-ASWBXML "Processing Rules". */
    private static final byte[] HEADER = {0x03, 0x01, 0x6A, 0x00};

    private final OutputStream out;
    private final byte[] buffer = new byte[BUFFER];
    private int filled;
    private long before;

    private final List<Tag> open = new ArrayList<>();
    private boolean pending; // the start of the last open element is not written yet
    private boolean inString; // an inline string is open
    private int page;
    private boolean begun;
    private boolean closed;

    private Set<Tag> kept = Set.of();
    private int keptIn = -1; // number of open elements where only some children are written
    private int leftOut; // elements open that are not written

    public WbxmlWriter(OutputStream out) {
        this.out = out;
    }

    /** Opens an element of which only these children are written, with all that is in them; others are taken and left out. */
    public WbxmlWriter startWithOnly(Tag tag, Set<Tag> children) {
        if (keptIn >= 0) {
            throw new IllegalStateException("%s within such an element".formatted(tag.tagName()));
        }
        start(tag);
        kept = Set.copyOf(children);
        keptIn = open.size();
        return this;
    }

    /** Opens an element. */
    public WbxmlWriter start(Tag tag) {
        if (leftOut > 0 || (open.size() == keptIn && !kept.contains(tag))) {
            leftOut++;
            return this;
        }
        if (closed || (begun && open.isEmpty())) {
            throw new IllegalStateException("%s after the end of the document".formatted(tag.tagName()));
        }
        if (!begun) {
            begun = true;
            write(HEADER, 0, HEADER.length);
        }
        content();
        open.add(tag);
        pending = true;
        return this;
    }

    /** Closes the element opened last. */
    public WbxmlWriter end() {
        if (open.isEmpty()) {
            throw new IllegalStateException("no element is open");
        }
        if (leftOut > 0) {
            leftOut--;
            return this;
        }
        if (open.size() == keptIn) {
            keptIn = -1;
        }
        var tag = open.removeLast();
        if (pending) {
            pending = false;
            write(tag, 0);
        } else {
            write(Tokens.END);
        }
        return this;
    }

    /** An element without content. */
    public WbxmlWriter empty(Tag tag) {
        return start(tag).end();
    }

    /** An element with a text; an empty text gives an empty tag. A lone surrogate is written as U+FFFD. */
    public WbxmlWriter text(Tag tag, String text) {
        int length = text.length();
        if (length >= LONG && length <= TOO_LONG) {
            return text(tag, XmlText.of(text));
        }
        start(tag);
        if (leftOut > 0) {
            return end();
        }
        for (int i = 0; i < length; i++) {
            char c = text.charAt(i);
            if (plain(c) && inString && filled < BUFFER) {
                buffer[filled++] = (byte) c; // nearly all that is ever written
            } else if (!Character.isSurrogate(c)) {
                character(c);
            } else if (Character.isHighSurrogate(c) && i + 1 < length && Character.isLowSurrogate(text.charAt(i + 1))) {
                character(Character.toCodePoint(c, text.charAt(++i)));
            } else {
                character(REPLACEMENT);
            }
        }
        endString();
        return end();
    }

    /** An element with a text that is ready; an empty one gives an empty tag. */
    public WbxmlWriter text(Tag tag, XmlText text) {
        start(tag);
        if (text.length() > 0 && leftOut == 0) {
            content();
            write(Tokens.STR_I);
            write(text.utf8(), 0, text.length());
            write(0);
        }
        return end();
    }

    /** An element with a whole number. */
    public WbxmlWriter text(Tag tag, long number) {
        return text(tag, Long.toString(number));
    }

    /** An element with "1" or "0". */
    public WbxmlWriter flag(Tag tag, boolean value) {
        return text(tag, value ? "1" : "0");
    }

    /**
     * An element whose text is read from a stream of UTF-8 bytes, to its end; what is no UTF-8 becomes U+FFFD. The stream is
     * not closed.
     */
    public WbxmlWriter text(Tag tag, InputStream utf8) {
        start(tag);
        if (leftOut > 0) {
            return end();
        }
        var decoder = new Utf8();
        var chunk = new byte[BUFFER];
        while (true) {
            int read = read(utf8, chunk, chunk.length);
            if (read < 0) {
                break;
            }
            decoder.accept(chunk, read);
        }
        decoder.end();
        endString();
        return end();
    }

    /** An element with opaque bytes; none give an empty tag. */
    public WbxmlWriter opaque(Tag tag, byte[] bytes) {
        start(tag);
        if (bytes.length > 0 && leftOut == 0) {
            content();
            write(Tokens.OPAQUE);
            multiByte(bytes.length);
            write(bytes, 0, bytes.length);
        }
        return end();
    }

    /**
     * An element with exactly {@code length} opaque bytes from a stream, which is not closed. A stream that ends before is
     * an {@link UncheckedIOException}, and the document is lost.
     */
    public WbxmlWriter opaque(Tag tag, long length, InputStream bytes) {
        if (length < 0 || length > 0xFFFF_FFFFL) {
            throw new IllegalArgumentException("opaque data of %d bytes".formatted(length));
        }
        start(tag);
        if (length > 0 && leftOut == 0) {
            content();
            write(Tokens.OPAQUE);
            multiByte(length);
            copy(length, bytes);
        }
        return end();
    }

    /** Bytes written so far, those held back included. */
    public long size() {
        long held = 0;
        if (pending) {
            held = open.getLast().page() == page ? 1 : 3;
        }
        return before + filled + held;
    }

    /** Ends the document and flushes; elements still open are a bug of the caller. Does not close the stream beneath. */
    @Override
    public void close() {
        if (closed) {
            return;
        }
        closed = true;
        if (!open.isEmpty()) {
            throw new IllegalStateException(
                    "%s is still open".formatted(open.getLast().tagName()));
        }
        try {
            drain();
            out.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Writes the start of the present element if it is held back: something goes into it. */
    private void content() {
        if (pending) {
            pending = false;
            write(open.getLast(), Tokens.CONTENT);
        }
    }

    private void write(Tag tag, int bits) {
        if (tag.page() != page) {
            page = tag.page();
            write(Tokens.SWITCH_PAGE);
            write(page);
        }
        write(tag.token() | bits);
    }

    /** One character of a text, left out if XML 1.0 has no place for it. */
    private void character(int c) {
        if (!XmlText.isAllowed(c)) {
            return;
        }
        if (!inString) {
            inString = true;
            content();
            write(Tokens.STR_I);
        }
        if (c < 0x80) {
            write(c);
        } else if (c < 0x800) {
            write(0xC0 | (c >> 6));
            write(0x80 | (c & 0x3F));
        } else if (c < 0x10000) {
            write(0xE0 | (c >> 12));
            write(0x80 | ((c >> 6) & 0x3F));
            write(0x80 | (c & 0x3F));
        } else {
            write(0xF0 | (c >> 18));
            write(0x80 | ((c >> 12) & 0x3F));
            write(0x80 | ((c >> 6) & 0x3F));
            write(0x80 | (c & 0x3F));
        }
    }

    private static boolean plain(int c) {
        return c >= 0x20 && c < 0x80;
    }

    private void endString() {
        if (inString) {
            inString = false;
            write(0);
        }
    }

    private void multiByte(long value) {
        for (int shift = 28; shift > 0; shift -= 7) {
            if (value >>> shift != 0) {
                write((int) ((value >>> shift) & 0x7F) | 0x80);
            }
        }
        write((int) (value & 0x7F));
    }

    private void copy(long length, InputStream bytes) {
        var chunk = new byte[BUFFER];
        long left = length;
        while (left > 0) {
            int read = read(bytes, chunk, (int) Math.min(chunk.length, left));
            if (read < 0) {
                throw new UncheckedIOException(
                        new EOFException("opaque data ended after %d of %d bytes".formatted(length - left, length)));
            }
            write(chunk, 0, read);
            left -= read;
        }
    }

    private static int read(InputStream in, byte[] chunk, int most) {
        try {
            return in.read(chunk, 0, most);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void write(int b) {
        if (filled == BUFFER) {
            drainUnchecked();
        }
        buffer[filled++] = (byte) b;
    }

    private void write(byte[] bytes, int offset, int length) {
        if (length > BUFFER - filled) {
            drainUnchecked();
        }
        if (length <= BUFFER) {
            System.arraycopy(bytes, offset, buffer, filled, length);
            filled += length;
            return;
        }
        try {
            out.write(bytes, offset, length);
            before += length;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void drainUnchecked() {
        try {
            drain();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void drain() throws IOException {
        out.write(buffer, 0, filled);
        before += filled;
        filled = 0;
    }

    /** Takes UTF-8 bytes apart over the borders of chunks. Source: WHATWG Encoding "UTF-8 decoder". */
    private final class Utf8 {

        private int character;
        private int needed;
        private int lower = 0x80;
        private int upper = 0xBF;

        void accept(byte[] bytes, int count) {
            for (int i = 0; i < count; i++) {
                int b = bytes[i] & 0xFF;
                if (needed == 0 && plain(b) && inString && filled < BUFFER) {
                    buffer[filled++] = bytes[i];
                } else if (needed == 0) {
                    lead(b);
                } else if (b < lower || b > upper) {
                    end();
                    lead(b);
                } else {
                    lower = 0x80;
                    upper = 0xBF;
                    character = (character << 6) | (b & 0x3F);
                    if (--needed == 0) {
                        character(character);
                    }
                }
            }
        }

        /** The bytes end here; a sequence that was begun is an error. */
        void end() {
            if (needed > 0) {
                needed = 0;
                lower = 0x80;
                upper = 0xBF;
                character(REPLACEMENT);
            }
        }

        private void lead(int b) {
            if (b < 0x80) {
                character(b);
            } else if (b >= 0xC2 && b <= 0xDF) {
                needed = 1;
                character = b & 0x1F;
            } else if (b >= 0xE0 && b <= 0xEF) {
                lower = b == 0xE0 ? 0xA0 : 0x80;
                upper = b == 0xED ? 0x9F : 0xBF;
                needed = 2;
                character = b & 0x0F;
            } else if (b >= 0xF0 && b <= 0xF4) {
                lower = b == 0xF0 ? 0x90 : 0x80;
                upper = b == 0xF4 ? 0x8F : 0xBF;
                needed = 3;
                character = b & 0x07;
            } else {
                character(REPLACEMENT);
            }
        }

        private void character(int c) {
            WbxmlWriter.this.character(c);
        }
    }
}
