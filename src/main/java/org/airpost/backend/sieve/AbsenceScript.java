package org.airpost.backend.sieve;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.DateTimeException;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Collection;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.airpost.backend.Absence;
import org.airpost.backend.Absence.Audience;
import org.airpost.backend.Absence.Reply;
import org.airpost.backend.Absence.Span;
import org.airpost.backend.Absence.State;

/**
 * The script that answers while a user is away. What it was made of stands in comments in it, so that the server is the only
 * place where an absence is kept. Source: RFC 5228; RFC 5230 vacation; RFC 5260 date.
 */
final class AbsenceScript {

    /** The same sender is answered once in so many days. Source: RFC 5230 §4.1. */
    private static final int DAYS = 7;

    /** Known addresses of a script at most. */
    static final int MOST_KNOWN = 2_000;

    private static final String HEAD =
            "# Made by Airpost: what is answered while you are away. Your own changes here would be lost.\r\n";

    private static final String MARK = "#airpost ";
    private static final String NOTHING = "-";

    /** Without zone, since ISO 8601 texts of one zone can be compared as texts. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd'T'HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private AbsenceScript() {}

    /**
     * The script.
     *
     * @param addresses those of the user: mail to others, as from lists, is not answered
     * @param known addresses of the known audience
     * @param extensions what the server offers
     */
    static String of(Absence absence, List<String> addresses, Collection<String> known, Set<String> extensions) {
        var script = new StringBuilder(HEAD);
        script.append(MARK).append("state ").append(absence.state().name().toLowerCase(Locale.ROOT));
        absence.span()
                .ifPresent(span ->
                        script.append(' ').append(span.start()).append(' ').append(span.end()));
        script.append("\r\n");
        for (var audience : Audience.values()) {
            Optional.ofNullable(absence.replies().get(audience))
                    .ifPresent(reply -> script.append(MARK)
                            .append(audience.name().toLowerCase(Locale.ROOT))
                            .append(reply.enabled() ? " on " : " off ")
                            .append(encoded(reply.text()))
                            .append(' ')
                            .append(reply.html().map(AbsenceScript::encoded).orElse(NOTHING))
                            .append("\r\n"));
        }
        if (absence.state() != State.OFF) {
            append(script, absence, addresses, known, extensions);
        }
        return script.toString();
    }

    private static void append(
            StringBuilder script,
            Absence absence,
            List<String> addresses,
            Collection<String> known,
            Set<String> extensions) {
        // Who gets the answer is the envelope's sender, so it decides what they may read.
        boolean byEnvelope = extensions.contains("envelope");
        var required = new TreeSet<>(Set.of("vacation"));
        if (byEnvelope) {
            required.add("envelope");
        }
        absence.span().ifPresent(_ -> required.addAll(Set.of("date", "relational")));
        script.append("require ").append(list(required)).append(";\r\n");

        var rules = rules(absence, addresses, known, byEnvelope ? "envelope" : "address");
        absence.span()
                .ifPresentOrElse(
                        span -> script.append("if allof (")
                                .append(test("ge", span.start()))
                                .append(", ")
                                .append(test("lt", span.end()))
                                .append(") {\r\n")
                                .append(rules)
                                .append("}\r\n"),
                        () -> script.append(rules));
    }

    private static String test(String relation, Instant time) {
        return "currentdate :zone \"+0000\" :value \"%s\" \"iso8601\" \"%s\"".formatted(relation, TIME.format(time));
    }

    private static String rules(Absence absence, List<String> addresses, Collection<String> known, String test) {
        var internal = answer(absence, Audience.INTERNAL, addresses);
        var ofKnown = answer(absence, Audience.KNOWN, addresses);
        var unknown = answer(absence, Audience.UNKNOWN, addresses);
        if (internal.equals(ofKnown) && ofKnown.equals(unknown)) {
            return unknown;
        }
        var domains = addresses.stream()
                .map(address -> address.substring(address.lastIndexOf('@') + 1).toLowerCase(Locale.ROOT))
                .collect(Collectors.toCollection(TreeSet::new));
        var rules =
                new StringBuilder("if %s :domain \"from\" %s {\r\n%s}\r\n".formatted(test, list(domains), internal));
        // Nobody is known if no address is: then those rules are left out, and the others hold for all.
        if (!ofKnown.equals(unknown) && !known.isEmpty()) {
            rules.append("elsif %s \"from\" %s {\r\n%s}\r\n".formatted(test, list(known), ofKnown));
        }
        return rules.append("else {\r\n").append(unknown).append("}\r\n").toString();
    }

    private static String answer(Absence absence, Audience audience, List<String> addresses) {
        return Optional.ofNullable(absence.replies().get(audience))
                .filter(Reply::enabled)
                .filter(reply -> !reply.text().isBlank())
                .map(reply -> "vacation :days %d :addresses %s %s;\r\n"
                        .formatted(DAYS, list(addresses), quoted(reply.text())))
                .orElse("");
    }

    static String list(Collection<String> texts) {
        return texts.stream().map(AbsenceScript::quoted).collect(Collectors.joining(", ", "[", "]"));
    }

    /** Source: RFC 5228 §2.4.2: line ends may stand in a quoted string, and NUL may not. */
    static String quoted(String text) {
        return '"'
                + text.replace("\0", "")
                        .replace("\r\n", "\n")
                        .replace("\r", "\n")
                        .replace("\n", "\r\n")
                        .replace("\\", "\\\\")
                        .replace("\"", "\\\"")
                + '"';
    }

    /** What a script was made of; nothing if it is not one of ours. */
    static Optional<Absence> read(String script) {
        var state = State.OFF;
        Optional<Span> span = Optional.empty();
        Map<Audience, Reply> replies = new EnumMap<>(Audience.class);
        boolean ours = false;
        for (var line : script.split("\r?\n", -1)) {
            if (!line.startsWith(MARK)) {
                continue;
            }
            var words = line.substring(MARK.length()).split(" ", -1);
            try {
                if (words[0].equals("state")) {
                    ours = true;
                    state = State.valueOf(words[1].toUpperCase(Locale.ROOT));
                    span = state == State.TIMED
                            ? Optional.of(new Span(Instant.parse(words[2]), Instant.parse(words[3])))
                            : Optional.empty();
                } else {
                    replies.put(
                            Audience.valueOf(words[0].toUpperCase(Locale.ROOT)),
                            new Reply(
                                    words[1].equals("on"),
                                    decoded(words[2]),
                                    words[3].equals(NOTHING) ? Optional.empty() : Optional.of(decoded(words[3]))));
                }
            } catch (IllegalArgumentException | DateTimeException | ArrayIndexOutOfBoundsException e) {
                return Optional.empty(); // somebody has changed it by hand
            }
        }
        return ours ? Optional.of(new Absence(state, span, replies)) : Optional.empty();
    }

    private static String encoded(String text) {
        return text.isEmpty() ? "=" : Base64.getEncoder().encodeToString(text.getBytes(UTF_8));
    }

    private static String decoded(String text) {
        return text.equals("=") ? "" : new String(Base64.getDecoder().decode(text), UTF_8);
    }
}
