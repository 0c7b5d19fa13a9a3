package org.airpost.convert;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** The names that Windows has for time zones. Source: Unicode CLDR "windowsZones". */
final class WindowsZones {

    private static final String TABLE = "windows-zones.tsv";

    private static final Map<String, ZoneId> BY_NAME = new HashMap<>();
    private static final Map<ZoneId, String> NAMES = new HashMap<>();

    static {
        try (var in = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(WindowsZones.class.getResourceAsStream(TABLE), TABLE + " is not in the jar"),
                StandardCharsets.UTF_8))) {
            in.lines().filter(line -> !line.startsWith("#")).forEach(line -> {
                var columns = line.split("\t", -1);
                var zone = ZoneId.of(columns[1]);
                BY_NAME.put(columns[0].toLowerCase(Locale.ROOT), zone);
                NAMES.putIfAbsent(zone, columns[0]);
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private WindowsZones() {}

    /** The zone that Windows calls so, in any case of letters. */
    static Optional<ZoneId> zone(String windowsName) {
        return Optional.ofNullable(BY_NAME.get(windowsName.strip().toLowerCase(Locale.ROOT)));
    }

    /** The name of Windows for the main place of a zone, if it is that. */
    static Optional<String> name(ZoneId zone) {
        return Optional.ofNullable(NAMES.get(zone));
    }
}
