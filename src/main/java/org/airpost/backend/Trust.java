package org.airpost.backend;

import java.nio.file.Path;

/** Which certificates of a server are believed. */
public sealed interface Trust {

    /** Those that Java believes, with the right host name in them. */
    record Platform() implements Trust {}

    /** Any at all, unchecked: for trials, and for a server on a network that nobody else reaches. */
    record Any() implements Trust {}

    /** Those signed by the authorities in this PEM file, with the right host name in them. */
    record Authorities(Path pem) implements Trust {}
}
