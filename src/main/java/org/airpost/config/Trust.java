package org.airpost.config;

import java.nio.file.Path;

/** Whose certificates of a mail server are believed. */
public sealed interface Trust {

    /** Those that the Java runtime trusts, with the right host name in them. */
    record SystemAuthorities() implements Trust {}

    /** Any certificate at all, unchecked: for trials only. */
    record Anybody() implements Trust {}

    /** Those signed by an authority in this PEM file, with the right host name in them. */
    record PemFile(Path path) implements Trust {}
}
