package org.airpost.wbxml;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Objects;

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
 * loop over {@code child()}. Whatever the bytes are, the only answer to wrong ones is {@link MalformedRequestException}
 * with offset and tag path; nothing is allocated because the document claims a length. An error of the stream beneath is an
 * {@link UncheckedIOException}; the stream beneath is not closed. Not for several threads.
 *
 * <p>Read are WBXML 1.1 to 1.3 in UTF-8, US-ASCII, ISO-8859-1 or an unnamed charset (taken as UTF-8), with string table,
 * inline strings, opaque data and character entities. Attributes, processing instructions, literal tags and extensions are
 * refused: MS-ASWBXML does without them. Source: WAP-192-WBXML §5; MS-ASWBXML.
 */
public final class WbxmlReader {

    private static final int BUFFER = 8192;
    private static final int KEPT_SCRATCH = 1 << 16;
    private static final int SHOWN = 40;

    private static final int SWITCH_PAGE = 0x00;
    private static final int END = 0x01;
    private static final int ENTITY = 0x02;
    private static final int STR_I = 0x03;
    private static final int LITERAL = 0x04;
    private static final int PI = 0x43;
    private static final int STR_T = 0x83;
    private static final int OPAQUE = 0xC3;
    private static final int FIRST_TAG = 0x05;
    private static final int TOKEN_BITS = 0x3F;
    private static final int CONTENT = 0x40;
    private static final int ATTRIBUTES = 0x80;

    /** IANA MIBenum numbers; 0 is "unknown". */
    private static final int US_ASCII = 3;

    private static final int ISO_8859_1 = 4;
    private static final int UTF_8 = 106;

    /** The piece of content that is being read. */
    private enum Piece {
        NONE,
        INLINE,
        TABLE,
        OPAQUE,
        ENTITY
    }

    private final InputStream in;
    private final WbxmlLimits limits;
    private final byte[] buffer = new byte[BUFFER];
    private int position;
    private int limit;
    private long before; // bytes of the document before buffer[0]

    private Charset charset = StandardCharsets.UTF_8;
    private byte[] table = new byte[0];

    private final Tag[] open;
    private int depth;
    private int elements;
    private int page;
    private boolean empty; // the present element is a tag without content
    private boolean broken;

    private Piece piece = Piece.NONE;
    private long left; // of an opaque piece
    private int at; // next byte of a table or entity piece
    private byte[] source = table; // of a table or entity piece
    private int carry = -1; // second UTF-8 byte of an ISO-8859-1 character that did not fit

    private byte[] scratch = new byte[256];
    private boolean streaming;

    /** A reader at the start of a document. Nothing is read before {@link #root()}. */
    public WbxmlReader(InputStream in, WbxmlLimits limits) {
        this.in = in;
        this.limits = limits;
        this.open = new Tag[limits.depth()];
    }

    /** Steps into the root element, of whatever tag; false if the document has no bytes at all. */
    public boolean root() {
        if (before + position > 0) {
            throw new IllegalStateException("the root was read before");
        }
        if (position == limit && !fill()) {
            return false;
        }
        header();
        while (true) {
            int token = next();
            if (token == SWITCH_PAGE) {
                page = next();
            } else if (isTag(token)) {
                push(token);
                return true;
            } else {
                throw malformed(named(token) + " instead of the root element");
            }
        }
    }

    /** Steps into the root element, which must be this one. */
    public void root(Tag expected) {
        if (!root()) {
            throw malformed("no document, expected " + expected.tagName());
        }
        if (!tag().equals(expected)) {
            throw malformed("root element %s of %s, expected %s of %s"
                    .formatted(tag().tagName(), tag().namespace(), expected.tagName(), expected.namespace()));
        }
    }

    /**
     * Steps into the next child of the present element and is true, or steps out of the present element and is false.
     * Whitespace between elements is passed over, other text there is an error.
     */
    public boolean child() {
        standing();
        if (empty) {
            pop();
            return false;
        }
        while (true) {
            int token = next();
            if (isTag(token)) {
                push(token);
                return true;
            }
            switch (token) {
                case SWITCH_PAGE -> page = next();
                case END -> {
                    pop();
                    return false;
                }
                default -> {
                    begin(token);
                    passWhitespace();
                }
            }
        }
    }

    /** The element that the cursor stands in. */
    public Tag tag() {
        if (depth == 0) {
            throw new IllegalStateException("the cursor stands in no element");
        }
        return open[depth - 1];
    }

    /**
     * The text of the present element, empty if it has none; steps out of it. Child elements are an error. Opaque content
     * is read as UTF-8; bytes that are no UTF-8 become U+FFFD.
     */
    public String text() {
        standing();
        if (empty) {
            pop();
            return "";
        }
        // The usual case: one inline string that lies in the buffer as a whole, and the end of the element.
        if (limit - position >= 2 && (buffer[position] & 0xFF) == STR_I) {
            int from = position + 1;
            int to = from;
            while (to < limit && buffer[to] != 0) {
                to++;
            }
            if (to + 1 < limit && buffer[to + 1] == END) {
                if (to - from > limits.stringBytes()) {
                    throw tooLong();
                }
                var text = new String(buffer, from, to - from, charset);
                position = to + 2;
                pop();
                return text;
            }
        }
        int length = 0;
        while (true) {
            if (length == scratch.length) {
                scratch = Arrays.copyOf(scratch, scratch.length * 2);
            }
            int read = content(scratch, length, scratch.length - length);
            if (read < 0) {
                break;
            }
            length += read;
            if (length > limits.stringBytes()) {
                throw tooLong();
            }
        }
        var text = new String(scratch, 0, length, StandardCharsets.UTF_8);
        if (scratch.length > KEPT_SCRATCH) {
            scratch = new byte[256];
        }
        return text;
    }

    /** The text as a whole number within bounds; steps out of the element. */
    public long number(long least, long greatest) {
        var text = text().strip();
        try {
            long number = Long.parseLong(text);
            if (number >= least && number <= greatest) {
                return number;
            }
        } catch (NumberFormatException e) {
            // said below
        }
        throw malformedLeaf("\"%s\" is no whole number from %d to %d".formatted(shown(text), least, greatest));
    }

    /** True for "1" and for an empty tag, false for "0"; steps out of the element. */
    public boolean flag() {
        var text = text().strip();
        return switch (text) {
            case "1", "" -> true;
            case "0" -> false;
            default -> throw malformedLeaf("\"%s\" is neither 0 nor 1".formatted(shown(text)));
        };
    }

    /**
     * The content of the present element, opaque or text (as UTF-8), as a stream that ends with it. Whoever has read the
     * stream to its end (a read that gives -1), or has closed it, has stepped out of the element. Its errors are those of
     * this reader, unchecked. Bounded by the document alone.
     */
    public InputStream bytes() {
        standing();
        streaming = true;
        return new Content();
    }

    /** Steps out of the present element, whatever is left in it, a stream of {@link #bytes()} included. */
    public void skip() {
        if (depth == 0) {
            throw new IllegalStateException("the cursor stands in no element");
        }
        streaming = false;
        passPiece();
        int outside = depth - 1;
        while (depth > outside) {
            if (empty) {
                pop();
                continue;
            }
            int token = next();
            if (isTag(token)) {
                push(token);
            } else if (token == SWITCH_PAGE) {
                page = next();
            } else if (token == END) {
                pop();
            } else {
                begin(token);
                passPiece();
            }
        }
    }

    /** Names of the open elements from the root, separated by {@code /}. */
    public String path() {
        return path(depth);
    }

    /** Bytes read so far. */
    public long offset() {
        return before + position;
    }

    /** An exception for a value at this place, to be thrown by who reads it. */
    public MalformedRequestException malformed(String problem) {
        broken = true;
        return new MalformedRequestException(problem, offset(), path());
    }

    /** For the value of an element that was just left. */
    private MalformedRequestException malformedLeaf(String problem) {
        broken = true;
        return new MalformedRequestException(problem, offset(), path(depth + 1));
    }

    private MalformedRequestException tooLong() {
        return malformed("a text of more than %d bytes".formatted(limits.stringBytes()));
    }

    private String path(int levels) {
        var names = new StringBuilder();
        for (int i = 0; i < levels; i++) {
            if (i > 0) {
                names.append('/');
            }
            names.append(open[i].tagName());
        }
        return names.toString();
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
    }

    private void standing() {
        if (depth == 0) {
            throw new IllegalStateException("the cursor stands in no element");
        }
        if (streaming) {
            throw new IllegalStateException("the bytes of " + path() + " were not read to their end");
        }
    }

    /** Version, public identifier, charset, string table. Source: WAP-192-WBXML §5.3 "BNF", §5.4 to §5.8. */
    private void header() {
        int version = next();
        if (version < 1 || version > 3) {
            throw malformed("version byte 0x%02X, expected WBXML 1.1 to 1.3".formatted(version));
        }
        if (multiByte() == 0) {
            multiByte(); // public identifier by name in the string table; which one says nothing to us
        }
        long number = multiByte();
        charset = switch ((int) number) {
            case 0, US_ASCII, UTF_8 -> StandardCharsets.UTF_8;
            case ISO_8859_1 -> StandardCharsets.ISO_8859_1;
            default -> throw malformed("charset %d, expected 106 (UTF-8)".formatted(number));
        };
        long length = multiByte();
        if (length > limits.stringBytes()) {
            throw malformed("a string table of %d bytes, at most %d are read".formatted(length, limits.stringBytes()));
        }
        int filled = 0;
        while (filled < length) {
            if (filled == table.length) {
                table = Arrays.copyOf(table, (int) Math.min(length, Math.max(256, table.length * 2L)));
            }
            table[filled++] = (byte) next();
        }
    }

    private static boolean isTag(int token) {
        return (token & TOKEN_BITS) >= FIRST_TAG;
    }

    private void push(int token) {
        if ((token & ATTRIBUTES) != 0) {
            throw malformed("element token 0x%02X with attributes".formatted(token));
        }
        if (depth == open.length) {
            throw malformed("elements nested more than %d deep".formatted(limits.depth()));
        }
        if (++elements > limits.elements()) {
            throw malformed("more than %d elements".formatted(limits.elements()));
        }
        open[depth++] = CodePages.tag(page, token & TOKEN_BITS);
        empty = (token & CONTENT) == 0;
    }

    private void pop() {
        depth--;
        empty = false;
        if (depth == 0 && (position < limit || fill())) {
            throw malformed("bytes after the end of the root element");
        }
    }

    /** Starts a piece of content: a string, opaque data or an entity. Any other token is an error. */
    private void begin(int token) {
        switch (token) {
            case STR_I -> piece = Piece.INLINE;
            case STR_T -> {
                long index = multiByte();
                if (index >= table.length) {
                    throw malformed("string %d of a table of %d bytes".formatted(index, table.length));
                }
                source = table;
                at = (int) index;
                piece = Piece.TABLE;
            }
            case OPAQUE -> {
                left = multiByte();
                piece = Piece.OPAQUE;
            }
            case ENTITY -> {
                source = character(multiByte());
                at = 0;
                piece = Piece.ENTITY;
            }
            default -> throw malformed(named(token) + " in " + tag().tagName());
        }
    }

    private byte[] character(long code) {
        if (code == 0 || code > Character.MAX_CODE_POINT || (code >= 0xD800 && code <= 0xDFFF)) {
            throw malformed("character entity %d".formatted(code));
        }
        return Character.toString((int) code).getBytes(StandardCharsets.UTF_8);
    }

    private static String named(int token) {
        return switch (token) {
            case SWITCH_PAGE -> "a page switch";
            case END -> "the end of an element";
            case ENTITY -> "a character entity";
            case STR_I, STR_T -> "a text";
            case LITERAL, LITERAL | CONTENT, LITERAL | ATTRIBUTES, LITERAL | CONTENT | ATTRIBUTES -> "a literal tag";
            case PI -> "a processing instruction";
            case OPAQUE -> "opaque data";
            default -> "an extension token 0x%02X".formatted(token);
        };
    }

    /**
     * The next bytes of the present element's content as UTF-8, at least one; or -1 at the end of the element, which it
     * leaves. Zero only if a piece was empty.
     */
    private int content(byte[] target, int offset, int length) {
        if (carry >= 0) {
            target[offset] = (byte) carry;
            carry = -1;
            return 1;
        }
        while (piece == Piece.NONE) {
            if (empty) {
                pop();
                return -1;
            }
            int token = next();
            if (isTag(token)) {
                throw malformed("an element within the text of " + tag().tagName());
            }
            switch (token) {
                case SWITCH_PAGE -> page = next();
                case END -> {
                    pop();
                    return -1;
                }
                default -> begin(token);
            }
        }
        return switch (piece) {
            case INLINE -> inline(target, offset, length);
            case OPAQUE -> opaque(target, offset, length);
            case TABLE, ENTITY -> stored(target, offset, length);
            case NONE -> 0;
        };
    }

    private int inline(byte[] target, int offset, int length) {
        need();
        int most = Math.min(limit - position, length);
        int count = 0;
        while (count < most && buffer[position + count] != 0) {
            count++;
        }
        int written = encode(buffer, position, count, target, offset, length);
        position += consumed;
        if (count < most && consumed == count) {
            position++;
            piece = Piece.NONE;
        }
        return written;
    }

    private int stored(byte[] target, int offset, int length) {
        int most = Math.min(source.length - at, length);
        int count = 0;
        while (count < most && (piece == Piece.ENTITY || source[at + count] != 0)) {
            count++;
        }
        int written;
        if (piece == Piece.ENTITY) {
            System.arraycopy(source, at, target, offset, count);
            written = count;
            consumed = count;
        } else {
            written = encode(source, at, count, target, offset, length);
        }
        at += consumed;
        if (at == source.length || (piece == Piece.TABLE && source[at] == 0)) {
            piece = Piece.NONE;
        }
        return written;
    }

    private int opaque(byte[] target, int offset, int length) {
        if (left == 0) {
            piece = Piece.NONE;
            return 0;
        }
        need();
        int count = (int) Math.min(Math.min(limit - position, length), left);
        System.arraycopy(buffer, position, target, offset, count);
        position += count;
        left -= count;
        if (left == 0) {
            piece = Piece.NONE;
        }
        return count;
    }

    private int consumed; // source bytes that the last encode() took

    /** Copies characters of the document's charset as UTF-8, as many as fit. */
    private int encode(byte[] from, int start, int count, byte[] target, int offset, int length) {
        if (!charset.equals(StandardCharsets.ISO_8859_1)) {
            System.arraycopy(from, start, target, offset, count);
            consumed = count;
            return count;
        }
        int written = 0;
        consumed = 0;
        while (consumed < count && written < length) {
            int character = from[start + consumed++] & 0xFF;
            if (character < 0x80) {
                target[offset + written++] = (byte) character;
                continue;
            }
            target[offset + written++] = (byte) (0xC0 | (character >> 6));
            int second = 0x80 | (character & 0x3F);
            if (written < length) {
                target[offset + written++] = (byte) second;
            } else {
                carry = second;
            }
        }
        return written;
    }

    /** Passes over what is left of a piece of content. */
    private void passPiece() {
        carry = -1;
        switch (piece) {
            case NONE, TABLE, ENTITY -> {
                // nothing of these is left in the document
            }
            case INLINE -> {
                while (next() != 0) {
                    // to the terminating zero
                }
            }
            case OPAQUE -> {
                while (left > 0) {
                    need();
                    int count = (int) Math.min(limit - position, left);
                    position += count;
                    left -= count;
                }
            }
        }
        piece = Piece.NONE;
    }

    private void passWhitespace() {
        while (piece != Piece.NONE || carry >= 0) {
            int count = content(scratch, 0, scratch.length);
            for (int i = 0; i < count; i++) {
                if (scratch[i] != ' ' && scratch[i] != '\t' && scratch[i] != '\r' && scratch[i] != '\n') {
                    throw malformed("a text between the elements of " + tag().tagName());
                }
            }
        }
    }

    /** An unsigned number of at most 32 bits. Source: WAP-192-WBXML §5.1. */
    private long multiByte() {
        long value = 0;
        for (int i = 0; i < 5; i++) {
            int next = next();
            value = (value << 7) | (next & 0x7F);
            if ((next & 0x80) == 0) {
                if (value > 0xFFFF_FFFFL) {
                    throw malformed("a number of more than 32 bits");
                }
                return value;
            }
        }
        throw malformed("a number of more than five bytes");
    }

    private int next() {
        need();
        return buffer[position++] & 0xFF;
    }

    private void need() {
        if (position == limit && !fill()) {
            throw malformed("the document ends too early");
        }
    }

    /** Reads more; false at the end of the stream. */
    private boolean fill() {
        if (broken) {
            throw malformed("the document was found unreadable before");
        }
        before += limit;
        position = 0;
        limit = 0;
        try {
            int read = in.read(buffer, 0, BUFFER);
            if (read == 0) {
                int single = in.read();
                if (single < 0) {
                    return false;
                }
                buffer[0] = (byte) single;
                read = 1;
            }
            if (read < 0) {
                return false;
            }
            limit = read;
        } catch (IOException e) {
            broken = true;
            throw new UncheckedIOException(e);
        }
        if (before + limit > limits.documentBytes()) {
            throw malformed("a document of more than %d bytes".formatted(limits.documentBytes()));
        }
        return true;
    }

    /** Content of one element as a stream. */
    private final class Content extends InputStream {

        private boolean ended;

        @Override
        public int read() {
            var one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xFF;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            Objects.checkFromIndexSize(offset, length, target.length);
            if (length == 0) {
                return 0;
            }
            if (ended || !streaming) {
                return -1;
            }
            while (true) {
                int read = content(target, offset, length);
                if (read < 0) {
                    ended = true;
                    streaming = false;
                    return -1;
                }
                if (read > 0) {
                    return read;
                }
            }
        }

        /** Steps out of the element, if the end was not reached before. */
        @Override
        public void close() {
            if (!ended && streaming && !broken) {
                ended = true;
                WbxmlReader.this.skip();
            }
        }
    }
}
