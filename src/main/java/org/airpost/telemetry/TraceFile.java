package org.airpost.telemetry;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.RequestLine;
import org.airpost.http.Observer.Body;

/**
 * The form of a trace: text to be read by people, mailed around, and replayed. An exchange begins with {@code ===}, its
 * request with {@code -->}, its answer with {@code <--}; no other line begins so.
 */
public final class TraceFile {

    private static final String MAGIC = "# Airpost trace 1";
    private static final Pattern DEVICE = Pattern.compile("# device (\\S+) of (\\S+)");
    private static final Pattern TIME = Pattern.compile("# from (\\S+) until (\\S+)");
    private static final Pattern FIRST = Pattern.compile("=== (\\d+) (\\S+) (\\S+) (\\S+) id=(\\S+)");
    private static final Pattern BODY = Pattern.compile("(?:-->|<--) (\\d+) bytes(?: of (.*))?");
    private static final Pattern HTTP = Pattern.compile("http: (\\d+|none)");

    private TraceFile() {}

    /**
     * An exchange as it is in a trace.
     *
     * @param query parameters of the command in the request line
     * @param http the HTTP status, empty if there was no answer
     * @param outcome what became of it, in words
     * @param request redacted XML, or a comment, or empty
     */
    public record Entry(
            long number,
            Instant at,
            String command,
            String version,
            String id,
            Map<String, String> query,
            Optional<Integer> http,
            String outcome,
            String requestType,
            String request,
            String answer) {

        public Entry {
            query = Map.copyOf(query);
        }
    }

    static String head(DeviceKey device, Instant since, Instant until) {
        return """
                %s
                # device %s of %s
                # from %s until %s
                # Of what says something of a person only the length is here: <Subject bytes="12"/>.
                """.formatted(MAGIC, device.deviceId(), URLEncoder.encode(device.user(), UTF_8), since, until);
    }

    static String text(long number, Exchange exchange) {
        var asked = exchange.asked();
        var text = new StringBuilder("\n=== %d %s %s %s id=%s\n"
                .formatted(number, asked.at(), exchange.command(), exchange.version(), asked.id()));
        asked.line().ifPresent(line -> {
            line(text, "device", line.deviceType() + "; " + asked.userAgent() + "; from " + asked.remote());
            line(text, "query", query(line));
            line(text, "policy key", line.policyKey().isPresent() ? "sent" : "none");
        });
        line(text, "outcome", exchange.words());
        line(text, "http", exchange.httpStatus().map(String::valueOf).orElse("none"));
        body(text, "-->", asked.body());
        if (exchange.outcome() instanceof Exchange.Outcome.Answered(var told)) {
            body(text, "<--", told.body());
        }
        return text.toString();
    }

    private static String query(RequestLine line) {
        var all = new TreeMap<String, String>();
        line.parameters().forEach((name, value) -> all.put(name.text(), value));
        if (line.saveInSent()) {
            all.put("SaveInSent", "T");
        }
        if (line.acceptMultiPart()) {
            all.put("AcceptMultiPart", "T");
        }
        return all.entrySet().stream()
                .sorted(Map.Entry.comparingByKey(Comparator.naturalOrder()))
                .map(entry -> entry.getKey() + "=" + URLEncoder.encode(entry.getValue(), UTF_8))
                .collect(Collectors.joining("&"));
    }

    private static void line(StringBuilder text, String name, String value) {
        text.append(name).append(": ");
        value.codePoints()
                .limit(500)
                .forEach(c -> text.appendCodePoint(Character.isISOControl(c) || c == 0x2028 || c == 0x2029 ? '?' : c));
        text.append('\n');
    }

    private static void body(StringBuilder text, String mark, Body body) {
        text.append(mark).append(' ').append(body.size()).append(" bytes");
        if (!body.type().isEmpty()) {
            text.append(" of ").append(body.type());
        }
        text.append('\n');
        // No line of a document may be taken for one of ours: a phone may write what it likes into an id.
        Documents.xml(body)
                .lines()
                .map(line ->
                        line.startsWith("===") || line.startsWith("-->") || line.startsWith("<--") ? " " + line : line)
                .map(line -> line.startsWith("#") ? " " + line : line)
                .forEach(line -> text.append(line).append('\n'));
    }

    /** What the head of a trace says; empty if it is none. */
    static Optional<Traces.Trace> head(Path file) {
        try (var lines = Files.lines(file, UTF_8)) {
            var iterator = lines.iterator();
            if (!iterator.hasNext() || !iterator.next().equals(MAGIC)) {
                return Optional.empty();
            }
            var device = DEVICE.matcher(iterator.next());
            var time = TIME.matcher(iterator.next());
            if (!device.matches() || !time.matches()) {
                return Optional.empty();
            }
            long exchanges = 0;
            while (iterator.hasNext()) {
                exchanges += iterator.next().startsWith("=== ") ? 1 : 0;
            }
            return Optional.of(new Traces.Trace(
                    new DeviceKey(URLDecoder.decode(device.group(2), UTF_8), device.group(1)),
                    Instant.parse(time.group(1)),
                    Instant.parse(time.group(2)),
                    false,
                    exchanges,
                    Files.size(file)));
        } catch (IOException | RuntimeException e) {
            return Optional.empty();
        }
    }

    /** Reads the exchanges of a trace; what is not one is an IllegalArgumentException that says where. */
    public static List<Entry> read(String text) {
        var lines = text.lines().toList();
        if (lines.isEmpty() || !lines.getFirst().equals(MAGIC)) {
            throw new IllegalArgumentException("not a trace of Airpost: its first line is not \"" + MAGIC + "\"");
        }
        var entries = new ArrayList<Entry>();
        for (int at = 0; at < lines.size(); ) {
            int end = at + 1;
            while (end < lines.size() && !lines.get(end).startsWith("=== ")) {
                end++;
            }
            if (lines.get(at).startsWith("=== ")) {
                entries.add(entry(lines.subList(at, end), at + 1));
            }
            at = end;
        }
        return entries;
    }

    private static Entry entry(List<String> lines, int number) {
        var first = FIRST.matcher(lines.getFirst());
        if (!first.matches()) {
            throw new IllegalArgumentException("line %d is no beginning of an exchange".formatted(number));
        }
        var fields = new TreeMap<String, String>();
        var request = new StringBuilder();
        var answer = new StringBuilder();
        var into = Optional.<StringBuilder>empty();
        for (var line : lines.subList(1, lines.size())) {
            var body = BODY.matcher(line);
            if (body.matches()) {
                into = Optional.of(line.startsWith("-->") ? request : answer);
                if (line.startsWith("-->")) {
                    fields.put("type", Optional.ofNullable(body.group(2)).orElse(""));
                }
            } else if (line.startsWith("#")) {
                into = Optional.of(new StringBuilder());
            } else if (into.isPresent()) {
                into.get().append(line).append('\n');
            } else if (line.contains(": ")) {
                fields.put(line.substring(0, line.indexOf(": ")), line.substring(line.indexOf(": ") + 2));
            }
        }
        try {
            var http = HTTP.matcher("http: " + fields.getOrDefault("http", "none"));
            return new Entry(
                    Long.parseLong(first.group(1)),
                    Instant.parse(first.group(2)),
                    first.group(3),
                    first.group(4),
                    first.group(5),
                    query(fields.getOrDefault("query", "")),
                    http.matches() && !http.group(1).equals("none")
                            ? Optional.of(Integer.parseInt(http.group(1)))
                            : Optional.empty(),
                    fields.getOrDefault("outcome", ""),
                    fields.getOrDefault("type", ""),
                    request.toString().strip(),
                    answer.toString().strip());
        } catch (DateTimeException | IllegalArgumentException e) {
            throw new IllegalArgumentException("the exchange at line %d: %s".formatted(number, e.getMessage()), e);
        }
    }

    private static Map<String, String> query(String text) {
        var all = new TreeMap<String, String>();
        for (var pair : text.split("&", -1)) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                all.put(pair.substring(0, equals), URLDecoder.decode(pair.substring(equals + 1), UTF_8));
            }
        }
        return all;
    }
}
