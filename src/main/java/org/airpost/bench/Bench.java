package org.airpost.bench;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Measurements of the program itself. */
@Command(
        name = "bench",
        description = "Measures Airpost on this machine.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  airpost bench start --runs 9"})
public final class Bench implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Which measurement? See airpost bench --help.");
    }
}
