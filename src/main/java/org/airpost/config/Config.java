package org.airpost.config;

import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/** The configuration. A place holder until the room is built. */
public record Config() {

    /** Reads a file, then the environment over it. */
    public static Config load(Optional<Path> file, Map<String, String> environment) {
        throw new UnsupportedOperationException("no configuration yet: " + file + environment.size());
    }

    /** Every option with its default and a sentence, as {@code conf/airpost.conf} holds it. */
    public static String documented() {
        throw new UnsupportedOperationException();
    }
}
