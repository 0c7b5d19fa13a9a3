package org.airpost.device;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * What certain clients need otherwise than the specification says: data, with the reason beside it, so that it can be mended
 * without a new release. The table that comes with Airpost is {@code client-quirks.tsv}: lines of five columns separated by
 * tabs: {@code DeviceType} or {@code UserAgent}, how its value begins, quirk, reason, source. A line that starts with
 * {@code #} is a comment.
 */
public final class ClientQuirks {

    private static final int COLUMNS = 5;

    private final List<Row> rows;

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
        REFUSES_RESTRICTIONS
    }

    /** The table that comes with Airpost. */
    public static ClientQuirks builtIn() {
        var table = Objects.requireNonNull(
                ClientQuirks.class.getResourceAsStream("client-quirks.tsv"), "client-quirks.tsv is not in the jar");
        try (var in = new InputStreamReader(table, StandardCharsets.UTF_8)) {
            return read(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads a table. A line that is not one of it is an IllegalArgumentException that names it. */
    public static ClientQuirks read(Reader table) throws IOException {
        var rows = new ArrayList<Row>();
        var lines = new BufferedReader(table).lines().toList();
        for (int i = 0; i < lines.size(); i++) {
            if (!lines.get(i).isBlank() && !lines.get(i).startsWith("#")) {
                rows.add(row(lines.get(i), i + 1));
            }
        }
        return new ClientQuirks(rows);
    }

    /** True if a client has a quirk. */
    public boolean has(Quirk quirk, String deviceType, String userAgent) {
        return rows.stream().anyMatch(row -> row.quirk == quirk && row.matches(deviceType, userAgent));
    }

    private static Row row(String line, int number) {
        var columns = line.split("\t", -1);
        if (columns.length != COLUMNS || columns[1].isBlank() || columns[3].isBlank() || columns[4].isBlank()) {
            throw new IllegalArgumentException(
                    "client quirks, line %d: five columns wanted, none of them empty".formatted(number));
        }
        return new Row(field(columns[0], number), columns[1].toLowerCase(Locale.ROOT), quirk(columns[2], number));
    }

    private static Field field(String text, int number) {
        return switch (text) {
            case "DeviceType" -> Field.DEVICE_TYPE;
            case "UserAgent" -> Field.USER_AGENT;
            default ->
                throw new IllegalArgumentException(
                        "client quirks, line %d: DeviceType or UserAgent wanted, not \"%s\"".formatted(number, text));
        };
    }

    private static Quirk quirk(String text, int number) {
        for (var quirk : Quirk.values()) {
            if (quirk.name().equals(text)) {
                return quirk;
            }
        }
        throw new IllegalArgumentException("client quirks, line %d: no quirk \"%s\"".formatted(number, text));
    }

    private enum Field {
        DEVICE_TYPE,
        USER_AGENT
    }

    private record Row(Field field, String start, Quirk quirk) {

        boolean matches(String deviceType, String userAgent) {
            var value = switch (field) {
                case DEVICE_TYPE -> deviceType;
                case USER_AGENT -> userAgent;
            };
            return value.toLowerCase(Locale.ROOT).startsWith(start);
        }
    }
}
