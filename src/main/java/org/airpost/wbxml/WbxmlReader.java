package org.airpost.wbxml;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.UncheckedIOException;
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
 * with offset and tag path, and nothing is allocated because the document claims a length. An error of the stream beneath is
 * an {@link UncheckedIOException}; that stream is not closed. Not for several threads.
 *
 * <p>Read are WBXML 1.1 to 1.3 in UTF-8, US-ASCII, ISO-8859-1 or an unnamed charset (taken as UTF-8), with string table,
 * inline strings, opaque data and character entities. Attributes, processing instructions, literal tags and extensions are
 * refused: MS-ASWBXML does without them. Source: WAP-192-WBXML §5; MS-ASWBXML.
 */
public final class WbxmlReader {

    private static final int SCRATCH = 256;
    private static final int KEPT_SCRATCH = 1 << 16;
    private static final int SHOWN = 40;

    /** What {@link #step()} finds. */
    enum Step {
        /** Into a child. */
        INTO,
        /** Out of the present element. */
        OUT,
        /** A piece of text, to be read with {@link #piece()}. */
        TEXT,
        /** A piece of opaque data, to be read with {@link #piece()}. */
        OPAQUE
    }

    private final WbxmlLimits limits;
    private final Octets octets;
    private final Pieces pieces;

    private final Tag[] open;
    private int depth;
    private int elements;
    private int page;
    private boolean empty; // the present element is a tag without content
    private boolean streaming; // bytes() of the present element are being read
    private boolean broken; // the document was found unreadable

    private byte[] scratch = new byte[SCRATCH];

    /** A reader at the start of a document. Nothing is read before {@link #root()}. */
    public WbxmlReader(InputStream in, WbxmlLimits limits) {
        this.limits = limits;
        this.octets = new Octets(in, limits.documentBytes(), this::unreadable);
        this.pieces = new Pieces(octets, this::unreadable);
        this.open = new Tag[limits.depth()];
    }

    /** Steps into the root element, of whatever tag; false if the document has no bytes at all. */
    public boolean root() {
        if (octets.offset() > 0) {
            throw new IllegalStateException("the root was read before");
        }
        if (octets.atEnd()) {
            return false;
        }
        header();
        while (true) {
            int token = octets.next();
            if (token == Tokens.SWITCH_PAGE) {
                page = octets.next();
            } else if (Tokens.isTag(token)) {
                push(token);
                return true;
            } else {
                throw unreadable(Tokens.named(token) + " instead of the root element");
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
        notStreaming();
        while (true) {
            switch (step()) {
                case INTO -> {
                    return true;
                }
                case OUT -> {
                    return false;
                }
                case TEXT, OPAQUE -> passWhitespace();
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
        notStreaming();
        standing();
        if (empty) {
            pop();
            return "";
        }
        // The usual case: one inline string that lies in the buffer as a whole, and the end of the element.
        int start = octets.position;
        if (!pieces.open() && start < octets.limit && (octets.buffer[start] & 0xFF) == Tokens.STR_I) {
            var buffer = octets.buffer;
            int end = start + 1;
            while (end < octets.limit && buffer[end] != 0) {
                end++;
            }
            if (end + 1 < octets.limit && buffer[end + 1] == Tokens.END && end - start <= limits.stringBytes()) {
                var text = new String(buffer, start + 1, end - start - 1, pieces.charset());
                octets.position = end + 2;
                pop();
                return text;
            }
        }
        return pieced();
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
        notStreaming();
        standing();
        streaming = true;
        return new Content();
    }

    /** Steps out of the present element, whatever is left in it, a stream of {@link #bytes()} included. */
    public void skip() {
        streaming = false;
        standing();
        pieces.pass();
        int outside = depth - 1;
        while (depth > outside) {
            switch (step()) {
                case INTO, OUT -> {
                    // counted by depth
                }
                case TEXT, OPAQUE -> pieces.pass();
            }
        }
    }

    /** Names of the open elements from the root, separated by {@code /}. */
    public String path() {
        return path(depth);
    }

    /** Bytes read so far. */
    public long offset() {
        return octets.offset();
    }

    /** An exception for a value at this place, to be thrown by who reads it. Who catches it may read on. */
    public MalformedRequestException malformed(String problem) {
        return new MalformedRequestException(problem, offset(), path());
    }

    /** One step, whatever comes: for who does not know beforehand whether an element holds text or elements. */
    Step step() {
        standing();
        if (empty) {
            pop();
            return Step.OUT;
        }
        while (true) {
            int token = octets.next();
            if (Tokens.isTag(token)) {
                push(token);
                return Step.INTO;
            }
            switch (token) {
                case Tokens.SWITCH_PAGE -> page = octets.next();
                case Tokens.END -> {
                    pop();
                    return Step.OUT;
                }
                default -> {
                    pieces.begin(token);
                    return pieces.opaque() ? Step.OPAQUE : Step.TEXT;
                }
            }
        }
    }

    /** The piece that {@link #step()} came upon. Bounded by the document alone. */
    byte[] piece() {
        var bytes = new ByteArrayOutputStream();
        while (pieces.open()) {
            bytes.write(scratch, 0, pieces.read(scratch, 0, scratch.length));
        }
        return bytes.toByteArray();
    }

    /** Text in several pieces, or one that is longer than the buffer. */
    private String pieced() {
        int length = gathered(limits.stringBytes());
        var text = new String(scratch, 0, length, StandardCharsets.UTF_8);
        lessScratch();
        return text;
    }

    /** Reads the content of the present element into the scratch bytes, and steps out of it; how many there are. */
    private int gathered(long most) {
        int length = 0;
        while (true) {
            if (length == scratch.length) {
                scratch = Arrays.copyOf(scratch, scratch.length * 2);
            }
            int read = content(scratch, length, scratch.length - length);
            if (read < 0) {
                return length;
            }
            length += read;
            if (length > most) {
                throw unreadable("a text of more than %d bytes".formatted(most));
            }
        }
    }

    private void lessScratch() {
        if (scratch.length > KEPT_SCRATCH) {
            scratch = new byte[SCRATCH];
        }
    }

    /** The next bytes of the present element's content; or -1 at the end of the element, which it leaves. May be zero. */
    private int content(byte[] target, int offset, int length) {
        if (!pieces.open()) {
            switch (step()) {
                case INTO -> throw unreadable("an element within a text");
                case OUT -> {
                    return -1;
                }
                case TEXT, OPAQUE -> {
                    // read below
                }
            }
        }
        return pieces.read(target, offset, length);
    }

    private void passWhitespace() {
        while (pieces.open()) {
            int count = pieces.read(scratch, 0, scratch.length);
            for (int i = 0; i < count; i++) {
                if (scratch[i] != ' ' && scratch[i] != '\t' && scratch[i] != '\r' && scratch[i] != '\n') {
                    throw unreadable("a text between elements");
                }
            }
        }
    }

    /** Version, public identifier, charset, string table. Source: WAP-192-WBXML §5.4 to §5.7. */
    private void header() {
        int version = octets.next();
        if (version < 1 || version > 3) {
            throw unreadable("version byte 0x%02X, expected WBXML 1.1 to 1.3".formatted(version));
        }
        if (octets.multiByte() == 0) {
            octets.multiByte(); // public identifier by name in the string table; which one says nothing to us
        }
        pieces.header(limits.stringBytes());
    }

    private void push(int token) {
        if ((token & Tokens.ATTRIBUTES) != 0) {
            throw unreadable("a tag with attributes (0x%02X)".formatted(token));
        }
        if (depth == open.length) {
            throw unreadable("elements nested more than %d deep".formatted(limits.depth()));
        }
        if (++elements > limits.elements()) {
            throw unreadable("more than %d elements".formatted(limits.elements()));
        }
        open[depth++] = CodePages.tag(page, token & Tokens.TAG_BITS);
        empty = (token & Tokens.CONTENT) == 0;
    }

    private void pop() {
        depth--;
        empty = false;
        if (depth == 0 && !octets.atEnd()) {
            throw unreadable("bytes after the end of the root element");
        }
    }

    private void standing() {
        if (broken) {
            throw malformed("the document was found unreadable before");
        }
        if (depth == 0) {
            throw new IllegalStateException("the cursor stands in no element");
        }
    }

    private void notStreaming() {
        if (streaming && !broken) {
            throw new IllegalStateException("the bytes of %s were not read to their end".formatted(path()));
        }
    }

    /** The document cannot be read any further. */
    private MalformedRequestException unreadable(String problem) {
        broken = true;
        return malformed(problem);
    }

    /** For the value of an element that was just left. */
    private MalformedRequestException malformedLeaf(String problem) {
        return new MalformedRequestException(problem, offset(), path(depth + 1));
    }

    private String path(int levels) {
        var names = new StringBuilder();
        for (int i = 0; i < levels; i++) {
            names.append(i > 0 ? "/" : "").append(open[i].tagName());
        }
        return names.toString();
    }

    private static String shown(String text) {
        return text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…";
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
            int read = 0;
            while (read == 0) {
                if (ended || !streaming) {
                    return -1;
                }
                read = content(target, offset, length);
                if (read < 0) {
                    ended = true;
                    streaming = false;
                }
            }
            return read;
        }

        @Override
        public byte[] readAllBytes() {
            if (ended || !streaming) {
                return new byte[0];
            }
            int length = gathered(limits.documentBytes());
            ended = true;
            streaming = false;
            var bytes = Arrays.copyOf(scratch, length);
            lessScratch();
            return bytes;
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
