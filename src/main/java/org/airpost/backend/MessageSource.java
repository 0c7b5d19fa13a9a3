package org.airpost.backend;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;

/** The bytes of a message (RFC 5322, lines ended by CRLF), to be read as often as needed. */
public interface MessageSource {

    /** Size in bytes. */
    long size();

    /** A new stream over all of them; whoever asked closes it. */
    InputStream open() throws IOException;

    static MessageSource of(byte[] bytes) {
        return new MessageSource() {
            @Override
            public long size() {
                return bytes.length;
            }

            @Override
            public InputStream open() {
                return new ByteArrayInputStream(bytes);
            }
        };
    }
}
