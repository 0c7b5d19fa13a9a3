package org.airpost.cli;

import org.airpost.config.Config;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Prints the configuration as {@code conf/airpost.conf} documents it. */
@Command(
        name = "config",
        description = "Prints every option with its default and what it does, ready to be saved as a file.",
        mixinStandardHelpOptions = true,
        footer = {"", "Example:", "  airpost config > conf/airpost.conf"})
final class ConfigCommand implements Runnable {

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        var out = spec.commandLine().getOut();
        out.print(Config.document());
        out.flush();
    }
}
