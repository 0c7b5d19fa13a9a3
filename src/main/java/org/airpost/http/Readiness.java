package org.airpost.http;

import java.util.List;

/**
 * What {@code /readyz} says.
 *
 * @param ready whether phones are to be sent here
 * @param lines for people, one a part; nothing that strangers should not know
 */
public record Readiness(boolean ready, List<String> lines) {

    static final Readiness STOPPING = new Readiness(false, List.of("stopping"));

    public Readiness {
        lines = List.copyOf(lines);
    }

    /** Ready, and nothing more to say. */
    static Readiness of(boolean ready) {
        return new Readiness(ready, List.of());
    }

    String text() {
        var text = new StringBuilder(ready ? "ready" : "not ready");
        lines.forEach(line -> text.append('\n').append(line));
        return text.toString();
    }
}
