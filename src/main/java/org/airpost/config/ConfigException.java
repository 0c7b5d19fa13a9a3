package org.airpost.config;

import java.util.List;

/** The configuration cannot be used. Holds all that is wrong with it, one sentence each, with place and reason. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    private final transient List<String> problems;

    ConfigException(List<String> problems) {
        super(String.join("\n", problems));
        this.problems = List.copyOf(problems);
    }

    /** In the order of the file, those of the environment after them. */
    public List<String> problems() {
        return problems;
    }
}
