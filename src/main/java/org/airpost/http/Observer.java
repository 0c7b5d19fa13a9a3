package org.airpost.http;

import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import org.airpost.eas.RequestLine;

/**
 * Is told what becomes of requests to the ActiveSync address: for measurements, and for who wants to see what a phone and
 * the gateway said. Called on any thread, the event loop among them, and many times a second: it must not block or throw.
 */
public interface Observer {

    /** Sees nothing. */
    Observer NONE = new Observer() {

        @Override
        public int bodyBytes(Asked request) {
            return 0;
        }

        @Override
        public void held(Asked request, Instant until) {}

        @Override
        public void gone(Asked request) {}

        @Override
        public Afterwards answered(Asked request, Told answer) {
            return (_, _) -> {};
        }
    };

    /** So many bytes of each body of this request and its answer it wants to see at most. */
    int bodyBytes(Asked request);

    /** A request is held: until something happens, or until this moment. It is told again when one that woke is held again. */
    void held(Asked request, Instant until);

    /** The phone has gone away before its answer. */
    void gone(Asked request);

    /** There is an answer, which is about to be written; what is given back is told how that went. */
    Afterwards answered(Asked request, Told answer);

    /** Is told what became of an answer. */
    interface Afterwards {

        /**
         * It was given to the socket, or broken off.
         *
         * @param push since the event that it tells of was heard of, if it waited for one
         */
        void written(boolean wholly, Optional<Duration> push);
    }

    /**
     * A request.
     *
     * @param remote the phone's address, as far as proxies tell
     * @param user empty before it has signed in
     * @param line empty if the request was refused before it was read
     */
    record Asked(
            String id,
            Instant at,
            String remote,
            String user,
            Optional<RequestLine> line,
            String userAgent,
            Body body) {}

    /**
     * An answer.
     *
     * @param why for people, if it is a refusal, else empty
     * @param bytes of the whole body, before gzip
     * @param took since the request came
     * @param held of that, what it waited for news
     */
    record Told(int status, String why, Body body, long bytes, Duration took, Duration held) {}

    /**
     * The start of a body; nobody may change it.
     *
     * @param bytes all, or the first of them
     * @param size bytes of the whole
     * @param type media type, lower case, without parameters
     */
    record Body(byte[] bytes, long size, String type) {

        static final Body NONE = new Body(new byte[0], 0, "");

        /** True if it is kept from its first byte to its last. */
        public boolean isWhole() {
            return bytes.length == size;
        }
    }
}
