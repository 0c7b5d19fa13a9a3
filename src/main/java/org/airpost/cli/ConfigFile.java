package org.airpost.cli;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import org.airpost.config.Config;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** The option that names the configuration, for the commands that need it. */
final class ConfigFile {

    private static final Path USUAL = Path.of("conf/airpost.conf");

    @Option(names = "--config", paramLabel = "FILE", description = "configuration; conf/airpost.conf if that is there")
    private @Nullable Path config;

    /** The configuration by the file and the environment. */
    Config load(Map<String, String> environment) {
        return Config.load(file(), environment);
    }

    private Optional<Path> file() {
        if (config == null) {
            return Files.exists(USUAL) ? Optional.of(USUAL) : Optional.empty();
        }
        if (!Files.isReadable(config)) {
            throw new Failure("%s cannot be read".formatted(config));
        }
        return Optional.of(config);
    }
}
