package org.airpost.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.admin.AdminCommands;
import org.airpost.admin.AdminSocket;
import org.airpost.config.Config;
import org.airpost.config.ConfigSource;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;
import picocli.CommandLine.ScopeType;

/** The option that names the configuration, for the commands that need it. */
final class ConfigFile {

    /** Beside the program, or where packages put it. */
    private static final List<Path> USUAL = List.of(Path.of("conf/airpost.conf"), Path.of("/etc/airpost/airpost.conf"));

    @Option(
            names = "--config",
            scope = ScopeType.INHERIT,
            paramLabel = "FILE",
            description = "configuration; conf/airpost.conf if that is there, else /etc/airpost/airpost.conf")
    private @Nullable Path config;

    /** The configuration by the file and the environment. */
    Config load(Map<String, String> environment) {
        return Config.load(file(), environment);
    }

    /** The same, to be read again. */
    ConfigSource source(Map<String, String> environment) {
        return ConfigSource.of(file(), environment);
    }

    private Optional<Path> file() {
        if (config == null) {
            return USUAL.stream().filter(Files::isReadable).findFirst();
        }
        if (!Files.isReadable(config)) {
            throw new Failure("%s cannot be read".formatted(config));
        }
        return Optional.of(config);
    }

    /** Asks the gateway with this configuration, which runs on this machine; a Failure says why it was not done. */
    AdminCommands.Answer askGateway(Map<String, String> environment, List<String> words) {
        var store = load(environment).store();
        if (store.kind() == Config.StoreKind.MEMORY) {
            throw new Failure("a gateway with store.kind memory cannot be asked: it has no place in the file system");
        }
        var path = AdminSocket.beside(store.path());
        AdminCommands.Answer answer;
        try {
            answer = AdminSocket.ask(path, words);
        } catch (IOException e) {
            throw new Failure("no gateway answers at %s: is it running, and are you its user? (%s)"
                    .formatted(path, e.getMessage()));
        }
        if (!answer.done()) {
            throw new Failure(String.join("; ", answer.lines()));
        }
        return answer;
    }
}
