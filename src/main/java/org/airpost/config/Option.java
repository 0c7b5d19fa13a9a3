package org.airpost.config;

import java.util.Locale;

/**
 * One line of the configuration.
 *
 * @param path section and name, {@code http.port}
 * @param kind how it is read, written and bounded
 * @param standard what it is if nobody sets it
 * @param sentence what it does, for the reader of the file
 */
record Option<T>(String path, Kind<T> kind, T standard, String sentence) {

    Option {
        if (!path.matches("[a-z]+\\.[a-z][a-zA-Z]*")) {
            throw new IllegalArgumentException("not a section and a name: " + path);
        }
    }

    String section() {
        return path.substring(0, path.indexOf('.'));
    }

    String name() {
        return path.substring(path.indexOf('.') + 1);
    }

    /** {@code http.maxBodyBytes} is {@code AIRPOST_HTTP_MAX_BODY_BYTES}. */
    String environmentVariable() {
        return "AIRPOST_"
                + path.replace('.', '_').replaceAll("([a-z])([A-Z])", "$1_$2").toUpperCase(Locale.ROOT);
    }
}
