package org.airpost.device;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.airpost.eas.ProtocolVersion;

/**
 * What certain clients are, and need otherwise than the specification says: data, with the reason beside it, so that it can
 * be mended without a new release. The table that comes with Airpost is {@code client-quirks.tsv}: lines of five columns
 * separated by tabs: {@code DeviceType} or {@code UserAgent}, how its value begins, quirk, reason, source. A line that starts
 * with {@code #} is a comment. A quirk is a name, or a name and a value: {@code NEVER_PROVISIONS}, {@code OFFER_UP_TO=14.1};
 * {@code =no} is without it. Of several rows that fit a client and are about the same, the first one counts; those of the
 * administrator's own file come first. Safe for many threads.
 */
public final class ClientQuirks {

    /** The family of a client of which no row says one. */
    public static final String OTHER = "other";

    private static final int COLUMNS = 5;

    /** Families are names of measurements, so they are few. */
    private static final int MOST_FAMILIES = 40;

    private volatile List<Row> rows;

    private ClientQuirks(List<Row> rows) {
        this.rows = List.copyOf(rows);
    }

    /** What can be otherwise. */
    public enum Quirk {
        /** It does not provision, ever. */
        NEVER_PROVISIONS,
        /** It applies what concerns passwords, encryption and mail, and says of policies with more that it keeps a part. */
        APPLIES_FEW_RESTRICTIONS,
        /** It shows its user an error when a policy asks for more than passwords, encryption and limits of mail. */
        REFUSES_RESTRICTIONS,
        /** Its answers are not compressed, whatever it says that it takes. */
        NO_GZIP,
        /** It is offered no later version of the protocol than this one. */
        OFFER_UP_TO {
            @Override
            boolean takes(String value) {
                return value.equals(NO) || ProtocolVersion.ofText(value).isPresent();
            }
        },
        /** What it is, in measurements: a word such as {@code ios}. */
        FAMILY {
            @Override
            boolean takes(String value) {
                return value.matches("[a-z][a-z0-9-]{0,19}");
            }
        };

        private static final String YES = "yes";
        private static final String NO = "no";

        boolean takes(String value) {
            return value.equals(YES) || value.equals(NO);
        }
    }

    /** The table that comes with Airpost. */
    public static ClientQuirks builtIn() {
        return new ClientQuirks(builtInRows());
    }

    /** The same, after the rows of an administrator's file, if there is one. Errors as in {@link #reload}. */
    public static ClientQuirks with(Optional<Path> file) {
        var quirks = builtIn();
        quirks.reload(file);
        return quirks;
    }

    /** Reads a table. A line that is not one of it is an IllegalArgumentException that names it. */
    public static ClientQuirks read(Reader table) throws IOException {
        return new ClientQuirks(rows(table, "client quirks"));
    }

    /**
     * Takes the administrator's file anew, if there is one, beside what comes with Airpost.
     *
     * @throws IllegalArgumentException if it cannot be read or has a line that is none; it is named, and all stays as it was
     */
    public void reload(Optional<Path> file) {
        var all = new ArrayList<Row>();
        if (file.isPresent()) {
            try (var in = Files.newBufferedReader(file.get(), StandardCharsets.UTF_8)) {
                all.addAll(rows(in, file.get().toString()));
            } catch (IOException | UncheckedIOException e) {
                throw new IllegalArgumentException("client quirks %s: %s".formatted(file.get(), e), e);
            }
        }
        all.addAll(builtInRows());
        long families = all.stream()
                .filter(row -> row.quirk == Quirk.FAMILY)
                .map(Row::value)
                .distinct()
                .count();
        if (families > MOST_FAMILIES) {
            throw new IllegalArgumentException(
                    "client quirks: %d families, at most %d are allowed".formatted(families, MOST_FAMILIES));
        }
        rows = List.copyOf(all);
    }

    /** True if a client has a quirk. */
    public boolean has(Quirk quirk, String deviceType, String userAgent) {
        return value(quirk, deviceType, userAgent).isPresent();
    }

    /** What the table says of a client in this respect; empty if nothing, or {@code no}. */
    public Optional<String> value(Quirk quirk, String deviceType, String userAgent) {
        var type = deviceType.toLowerCase(Locale.ROOT);
        var agent = userAgent.toLowerCase(Locale.ROOT);
        for (var row : rows) {
            if (row.quirk == quirk && row.matches(type, agent)) {
                return row.value.equals(Quirk.NO) ? Optional.empty() : Optional.of(row.value);
            }
        }
        return Optional.empty();
    }

    /** What a client is: one of {@link #families}. */
    public String family(String deviceType, String userAgent) {
        return value(Quirk.FAMILY, deviceType, userAgent).orElse(OTHER);
    }

    /** All families that there are. */
    public Set<String> families() {
        var all = new TreeSet<String>();
        rows.stream().filter(row -> row.quirk == Quirk.FAMILY).map(Row::value).forEach(all::add);
        all.add(OTHER);
        return all;
    }

    /** The versions that a client is to be offered. */
    public List<ProtocolVersion> offered(String deviceType, String userAgent) {
        var last = value(Quirk.OFFER_UP_TO, deviceType, userAgent).flatMap(ProtocolVersion::ofText);
        return Arrays.stream(ProtocolVersion.values())
                .filter(version -> last.isEmpty() || last.get().atLeast(version))
                .toList();
    }

    private static List<Row> builtInRows() {
        var table = Objects.requireNonNull(
                ClientQuirks.class.getResourceAsStream("client-quirks.tsv"), "client-quirks.tsv is not in the jar");
        try (var in = new InputStreamReader(table, StandardCharsets.UTF_8)) {
            return rows(in, "client-quirks.tsv");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Row> rows(Reader table, String name) {
        var rows = new ArrayList<Row>();
        var lines = new BufferedReader(table).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank() && !lines.get(i).startsWith("#")) {
                rows.add(row(lines.get(i), "%s, line %d".formatted(name, i + 1)));
            }
        }
        return rows;
    }

    private static Row row(String line, String place) {
        var columns = line.split("\t", -1);
        if (columns.length != COLUMNS || columns[1].isBlank() || columns[3].isBlank() || columns[4].isBlank()) {
            throw new IllegalArgumentException(place + ": five columns wanted, none of them empty");
        }
        int equals = columns[2].indexOf('=');
        var quirk = quirk(equals < 0 ? columns[2] : columns[2].substring(0, equals), place);
        var value = equals < 0 ? Quirk.YES : columns[2].substring(equals + 1);
        if (!quirk.takes(value)) {
            throw new IllegalArgumentException("%s: \"%s\" is no value of %s".formatted(place, value, quirk));
        }
        return new Row(field(columns[0], place), columns[1].toLowerCase(Locale.ROOT), quirk, value);
    }

    private static Field field(String text, String place) {
        return switch (text) {
            case "DeviceType" -> Field.DEVICE_TYPE;
            case "UserAgent" -> Field.USER_AGENT;
            default ->
                throw new IllegalArgumentException(
                        "%s: DeviceType or UserAgent wanted, not \"%s\"".formatted(place, text));
        };
    }

    private static Quirk quirk(String text, String place) {
        return Arrays.stream(Quirk.values())
                .filter(quirk -> quirk.name().equals(text))
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("%s: no quirk \"%s\"".formatted(place, text)));
    }

    private enum Field {
        DEVICE_TYPE,
        USER_AGENT
    }

    private record Row(Field field, String start, Quirk quirk, String value) {

        /** Of a client as it names itself, in lower case. */
        boolean matches(String deviceType, String userAgent) {
            var value = switch (field) {
                case DEVICE_TYPE -> deviceType;
                case USER_AGENT -> userAgent;
            };
            return value.startsWith(start);
        }
    }
}
