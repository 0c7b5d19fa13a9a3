package org.airpost.phone;

/**
 * Something that the server may not do.
 *
 * @param rule number of the rule as {@code docs/coverage.tsv} has it, such as {@code SK-10}
 * @param place command or collection
 * @param what what was seen
 */
public record Violation(String rule, String place, String what) {

    @Override
    public String toString() {
        return rule + " in " + place + ": " + what;
    }
}
