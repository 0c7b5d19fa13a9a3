package org.airpost.backend;

/** How a connection to a server is protected. */
public enum Security {
    /** By TLS from the first byte. Source: RFC 8314 §3. */
    TLS,
    /** By STARTTLS, without which nobody signs in and nothing is sent. Source: RFC 2595; RFC 3207. */
    STARTTLS,
    /** Not at all: for a server on the same machine. */
    PLAIN
}
