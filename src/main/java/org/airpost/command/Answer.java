package org.airpost.command;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.airpost.eas.Spool;
import org.airpost.wbxml.WbxmlWriter;

/** What a command answers. */
public sealed interface Answer {

    /** Bytes of an answer kept in memory; past that they go to a temporary file. */
    int IN_MEMORY = 256 << 10;

    /** Bytes of a document that are in memory until it is packed: a window of mail fits into it. */
    int WRITTEN_IN_MEMORY = 2 << 20;

    /** Bytes of an answer at most. */
    long MOST = 256L << 20;

    /** HTTP 200 with a WBXML document. */
    record Document(Spool body) implements Answer {}

    /** HTTP 200 without a body. */
    record Empty() implements Answer {}

    /** Another HTTP status, without a body. */
    record Http(int status, Map<String, String> headers) implements Answer {

        public Http {
            headers = Map.copyOf(headers);
        }
    }

    /** HTTP 200 with a file, as it is. */
    record Bytes(Spool body, String contentType) implements Answer {}

    /** HTTP 200 with a document and the parts that it names. Source: MS-ASHTTP "MultiPartResponse". */
    record MultiPart(Spool document, List<Spool> parts) implements Answer {

        public MultiPart {
            parts = List.copyOf(parts);
        }
    }

    /** The answer comes later: when the waiter wakes, or when the limit has passed. No thread waits for it. */
    record Held(Duration limit, Waiter waiter) implements Answer {}

    /** A held request. */
    interface Waiter {

        /** Begins to wait. {@code wake} may be called by any thread, more than once, and before this call returns. */
        void start(Runnable wake);

        /** The answer in the end; another {@link Held} if it woke for nothing and has time left. Called on a virtual thread. */
        Answer finish(Ending how);

        /** The phone went away, at whatever moment; nothing will be answered. Not called after an answer. Never blocks. */
        void cancel();

        /** By {@code nanoTime} when the event was heard of that it wakes for; empty if it wakes for none, or has not. */
        default OptionalLong heard() {
            return OptionalLong.empty();
        }
    }

    /** Why a wait ends. */
    enum Ending {
        WOKEN,
        EXPIRED,
        SHUTDOWN
    }

    /** A document, written now. */
    static Answer document(Consumer<WbxmlWriter> content) {
        return new Document(spool(content));
    }

    /** A document, written now, as bytes. */
    static Spool spool(Consumer<WbxmlWriter> content) {
        var spool = new Spool(WRITTEN_IN_MEMORY, MOST);
        try (var out = new WbxmlWriter(spool.out())) {
            content.accept(out);
        } catch (RuntimeException e) {
            spool.close();
            throw e;
        }
        return spool;
    }

    static Answer http(int status) {
        return new Http(status, Map.of());
    }
}
