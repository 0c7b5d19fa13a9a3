package org.airpost.command;

import java.time.Instant;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import org.airpost.backend.Absence;
import org.airpost.backend.Absence.Audience;
import org.airpost.backend.Absence.Reply;
import org.airpost.backend.Absence.Span;
import org.airpost.backend.Absence.State;
import org.airpost.backend.Absences;
import org.airpost.backend.Absences.Result;
import org.airpost.backend.Account;
import org.airpost.convert.TextForms;
import org.airpost.eas.EasDate;
import org.airpost.eas.SettingsStatus;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Settings;

/** The out-of-office part of Settings. Source: MS-ASCMD "Oof", "OofMessage", "OofState", "BodyType (Settings)". */
final class OofSettings {

    private static final int LONGEST_TEXT = 32 << 10;

    /** Messages in the order in which they are written. */
    private static final List<Map.Entry<Audience, Settings>> AUDIENCES = List.of(
            Map.entry(Audience.INTERNAL, Settings.APPLIES_TO_INTERNAL),
            Map.entry(Audience.KNOWN, Settings.APPLIES_TO_EXTERNAL_KNOWN),
            Map.entry(Audience.UNKNOWN, Settings.APPLIES_TO_EXTERNAL_UNKNOWN));

    private final Absences absences;
    private final Function<Account, List<String>> known;

    /**
     * Settings kept there.
     *
     * @param known addresses that a user knows, for the audience of that name
     */
    OofSettings(Absences absences, Function<Account, List<String>> known) {
        this.absences = absences;
        this.known = known;
    }

    /** What is asked. */
    sealed interface Asked {

        /** What is set, with the texts as HTML or as plain text. */
        record Get(boolean html) implements Asked {}

        /** Another setting; what is missing stays as it is. */
        record Set(Optional<State> state, Optional<Span> span, Map<Audience, Message> messages) implements Asked {}

        /** Something that cannot be. */
        record Wrong(SettingsStatus status) implements Asked {}
    }

    /** What one audience is to be told; what is missing stays as it is. */
    record Message(Optional<Boolean> enabled, Optional<Words> words) {}

    /** A text in one of its forms. */
    record Words(String text, boolean html) {}

    /** What came of it. */
    record Done(SettingsStatus status, Optional<Absence> absence, boolean html) {

        private static Done failed(SettingsStatus status) {
            return new Done(status, Optional.empty(), false);
        }
    }

    Done run(Asked asked, Account account) {
        return switch (asked) {
            case Asked.Wrong(var status) -> Done.failed(status);
            case Asked.Get(var html) ->
                switch (absences.get(account)) {
                    case Result.Done<Absence>(var absence) ->
                        new Done(SettingsStatus.SUCCESS, Optional.of(absence), html);
                    case Result.Refused<Absence>(var why, var _) -> Done.failed(status(why));
                    case Result.Unavailable<Absence> _ -> Done.failed(SettingsStatus.SERVER_UNAVAILABLE);
                };
            case Asked.Set set -> set(set, account);
        };
    }

    private Done set(Asked.Set set, Account account) {
        return switch (absences.get(account)) {
            case Result.Done<Absence>(var before) -> {
                var absence = changed(before, set);
                yield switch (absences.set(account, absence, knownFor(absence, account))) {
                    case Result.Done<Absence> _ -> new Done(SettingsStatus.SUCCESS, Optional.empty(), false);
                    case Result.Refused<Absence>(var why, var _) -> Done.failed(status(why));
                    case Result.Unavailable<Absence> _ -> Done.failed(SettingsStatus.SERVER_UNAVAILABLE);
                };
            }
            case Result.Refused<Absence>(var why, var _) -> Done.failed(status(why));
            case Result.Unavailable<Absence> _ -> Done.failed(SettingsStatus.SERVER_UNAVAILABLE);
        };
    }

    private static SettingsStatus status(Absences.Refusal why) {
        return switch (why) {
            case NOT_OFFERED -> SettingsStatus.ACCESS_DENIED;
            case OWN_ANSWERS -> SettingsStatus.CONFLICTING_ARGUMENTS;
            case NOT_TAKEN -> SettingsStatus.INVALID_ARGUMENTS;
        };
    }

    private static Absence changed(Absence before, Asked.Set set) {
        var state = set.state().orElse(before.state());
        var replies = new EnumMap<Audience, Reply>(Audience.class);
        replies.putAll(before.replies());
        set.messages().forEach((audience, message) -> {
            var old = Optional.ofNullable(replies.get(audience)).orElse(new Reply(false, "", Optional.empty()));
            boolean enabled = message.enabled().orElse(old.enabled());
            replies.put(
                    audience,
                    message.words()
                            .map(words -> words.html()
                                    ? new Reply(enabled, TextForms.textOf(words.text()), Optional.of(words.text()))
                                    : new Reply(enabled, words.text(), Optional.empty()))
                            .orElse(new Reply(enabled, old.text(), old.html())));
        });
        return new Absence(state, state == State.TIMED ? set.span().or(before::span) : Optional.empty(), replies);
    }

    /** Asked for only if those who are known are told something else than all others. */
    private List<String> knownFor(Absence absence, Account account) {
        return absence.state() == State.OFF || told(absence, Audience.KNOWN).equals(told(absence, Audience.UNKNOWN))
                ? List.of()
                : known.apply(account);
    }

    private static Optional<String> told(Absence absence, Audience audience) {
        return Optional.ofNullable(absence.replies().get(audience))
                .filter(Reply::enabled)
                .map(Reply::text);
    }

    // Reading

    static Asked read(WbxmlReader in) {
        Asked asked = new Asked.Wrong(SettingsStatus.PROTOCOL_ERROR);
        while (in.child()) {
            switch (in.tag()) {
                case Settings.GET -> asked = readGet(in);
                case Settings.SET -> asked = readSet(in);
                default -> in.skip();
            }
        }
        return asked;
    }

    private static Asked readGet(WbxmlReader in) {
        Optional<Boolean> html = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case Settings.BODY_TYPE -> html = readBodyType(in);
                default -> in.skip();
            }
        }
        // Source: MS-ASCMD_R824.
        return html.<Asked>map(Asked.Get::new).orElse(new Asked.Wrong(SettingsStatus.PROTOCOL_ERROR));
    }

    private static Optional<Boolean> readBodyType(WbxmlReader in) {
        return switch (in.text().strip().toLowerCase(Locale.ROOT)) {
            case "html" -> Optional.of(true);
            case "text" -> Optional.of(false);
            default -> Optional.empty();
        };
    }

    private static Asked readSet(WbxmlReader in) {
        var state = "";
        var start = "";
        var end = "";
        Map<Audience, Message> messages = new EnumMap<>(Audience.class);
        var wrong = Optional.<SettingsStatus>empty();
        while (in.child()) {
            switch (in.tag()) {
                case Settings.OOF_STATE -> state = in.text().strip();
                case Settings.START_TIME -> start = in.text().strip();
                case Settings.END_TIME -> end = in.text().strip();
                case Settings.OOF_MESSAGE -> {
                    var bad = readMessage(in, messages);
                    wrong = wrong.or(() -> bad);
                }
                default -> in.skip();
            }
        }
        if (wrong.isPresent()) {
            return new Asked.Wrong(wrong.get());
        }
        if (start.isEmpty() != end.isEmpty()) {
            return new Asked.Wrong(SettingsStatus.PROTOCOL_ERROR); // R2272, R5681
        }
        return set(state, EasDate.parse(start), EasDate.parse(end), messages);
    }

    private static Asked set(
            String state, Optional<Instant> start, Optional<Instant> end, Map<Audience, Message> messages) {
        if (!state.matches("[012]?")) {
            return new Asked.Wrong(SettingsStatus.INVALID_ARGUMENTS);
        }
        var read =
                Optional.of(state).filter(text -> !text.isEmpty()).map(text -> State.values()[Integer.parseInt(text)]);
        // Times count with state 2 alone. Source: MS-ASCMD_R3535, R7544.
        if (read.filter(State.TIMED::equals).isEmpty()) {
            return new Asked.Set(read, Optional.empty(), messages);
        }
        if (start.isEmpty() || end.isEmpty()) {
            return new Asked.Wrong(SettingsStatus.INVALID_ARGUMENTS);
        }
        return start.get().isBefore(end.get())
                ? new Asked.Set(read, Optional.of(new Span(start.get(), end.get())), messages)
                : new Asked.Wrong(SettingsStatus.CONFLICTING_ARGUMENTS);
    }

    /** Reads one message into the map; or what is wrong with it. */
    private static Optional<SettingsStatus> readMessage(WbxmlReader in, Map<Audience, Message> messages) {
        Optional<Audience> audience = Optional.empty();
        Optional<Boolean> enabled = Optional.empty();
        Optional<String> text = Optional.empty();
        Optional<Boolean> html = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case Settings.APPLIES_TO_INTERNAL -> {
                    audience = Optional.of(Audience.INTERNAL);
                    in.skip();
                }
                case Settings.APPLIES_TO_EXTERNAL_KNOWN -> {
                    audience = Optional.of(Audience.KNOWN);
                    in.skip();
                }
                case Settings.APPLIES_TO_EXTERNAL_UNKNOWN -> {
                    audience = Optional.of(Audience.UNKNOWN);
                    in.skip();
                }
                case Settings.ENABLED -> enabled = Optional.of(in.text().strip().equals("1"));
                case Settings.REPLY_MESSAGE -> text = Optional.of(in.text());
                case Settings.BODY_TYPE -> html = readBodyType(in);
                default -> in.skip();
            }
        }
        // No audience, one that stands twice, a text without its form: R3517, R3526, R825.
        boolean hasWords = text.filter(words -> !words.isEmpty()).isPresent();
        if (audience.isEmpty() || messages.containsKey(audience.get()) || (hasWords && html.isEmpty())) {
            return Optional.of(SettingsStatus.PROTOCOL_ERROR);
        }
        if (text.filter(words -> words.length() > LONGEST_TEXT).isPresent()) {
            return Optional.of(SettingsStatus.INVALID_ARGUMENTS);
        }
        boolean isHtml = html.orElse(false);
        messages.put(audience.get(), new Message(enabled, text.map(words -> new Words(words, isHtml))));
        return Optional.empty();
    }

    // Writing

    static void write(WbxmlWriter out, Done done) {
        out.start(Settings.OOF).text(Settings.STATUS, done.status().code());
        done.absence().ifPresent(absence -> {
            out.start(Settings.GET).text(Settings.OOF_STATE, number(absence.state()));
            absence.span()
                    .ifPresent(span -> out.text(Settings.START_TIME, EasDate.separated(span.start()))
                            .text(Settings.END_TIME, EasDate.separated(span.end())));
            // Each audience has a message, also one that is told nothing. Source: MS-ASCMD_R3504, R3505.
            AUDIENCES.forEach(audience -> writeMessage(
                    out,
                    audience.getValue(),
                    Optional.ofNullable(absence.replies().get(audience.getKey())),
                    done.html()));
            out.end();
        });
        out.end();
    }

    private static int number(State state) {
        return switch (state) {
            case OFF -> 0;
            case ON -> 1;
            case TIMED -> 2;
        };
    }

    private static void writeMessage(WbxmlWriter out, Settings audience, Optional<Reply> reply, boolean html) {
        out.start(Settings.OOF_MESSAGE)
                .empty(audience)
                .flag(Settings.ENABLED, reply.map(Reply::enabled).orElse(false));
        reply.filter(one -> !one.text().isEmpty() || one.html().isPresent())
                .ifPresent(one -> out.text(
                                Settings.REPLY_MESSAGE,
                                html ? one.html().orElseGet(() -> TextForms.htmlOf(one.text())) : one.text())
                        .text(Settings.BODY_TYPE, html ? "HTML" : "Text"));
        out.end();
    }
}
