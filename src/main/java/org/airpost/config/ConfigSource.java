package org.airpost.config;

import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;

/** A configuration and where it came from, so that it can be read again while the program runs. */
public final class ConfigSource {

    private final Optional<Path> file;
    private final Map<String, String> environment;
    private final ConfigReader read;

    private ConfigSource(Optional<Path> file, Map<String, String> environment) {
        this.file = file;
        this.environment = environment;
        this.read = ConfigReader.open(file, environment);
    }

    /** Reads a file and the environment; errors as {@link Config#load} has them. */
    public static ConfigSource of(Optional<Path> file, Map<String, String> environment) {
        return new ConfigSource(file, Map.copyOf(environment));
    }

    /** What was read. */
    public Config config() {
        return read.config();
    }

    /**
     * What has changed since it was read.
     *
     * @param source as it is now
     * @param live changed options that a running gateway can take over
     * @param fixed changed options that need a new start
     */
    public record Again(ConfigSource source, List<String> live, List<String> fixed) {

        public Again {
            live = List.copyOf(live);
            fixed = List.copyOf(fixed);
        }
    }

    /** Reads the file again; errors as {@link Config#load} has them. */
    public Again again() {
        var now = new ConfigSource(file, environment);
        var keys = new TreeSet<>(read.keys());
        keys.addAll(now.read.keys());
        keys.removeIf(key -> read.value(key).equals(now.read.value(key)));
        return new Again(
                now,
                keys.stream().filter(ConfigSource::isLive).toList(),
                keys.stream().filter(key -> !isLive(key)).toList());
    }

    private static boolean isLive(String key) {
        return Options.LIVE.stream().anyMatch(option -> option.path().equals(key));
    }
}
