package org.airpost.cli.check;

import java.util.Optional;

/**
 * What a step has shown.
 *
 * @param words what was seen, a sentence without its full stop
 * @param cure what to do, if it is not good
 */
public record Finding(Verdict verdict, String step, String words, Optional<String> cure) {

    /** How a step came out. */
    public enum Verdict {
        GOOD("✓"),
        /** Worth knowing, and no fault. */
        NOTE("·"),
        BAD("✗");

        private final String mark;

        Verdict(String mark) {
            this.mark = mark;
        }
    }

    static Finding good(String step, String words) {
        return new Finding(Verdict.GOOD, step, words, Optional.empty());
    }

    static Finding note(String step, String words) {
        return new Finding(Verdict.NOTE, step, words, Optional.empty());
    }

    static Finding bad(String step, String words, String cure) {
        return new Finding(Verdict.BAD, step, words, Optional.of(cure));
    }

    /** The lines that people read. */
    @Override
    public String toString() {
        var line = "%s %-13s%s".formatted(verdict.mark, step, words);
        return cure.map(what -> line + "\n  " + " ".repeat(13) + "→ " + what).orElse(line);
    }
}
