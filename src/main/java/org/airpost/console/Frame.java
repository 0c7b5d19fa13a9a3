package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Function;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.console.web.Layout;
import org.airpost.http.WebReply;

/** The console's pages around their content, and what an action leads to. */
final class Frame {

    static final String HOME = "/admin";
    static final String SIGN_IN = "/admin/sign-in";
    static final String SIGN_OUT = "/admin/sign-out";

    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm", Locale.ROOT).withZone(ZoneOffset.UTC);

    private static final DateTimeFormatter SECOND =
            DateTimeFormatter.ofPattern("yyyy-MM-dd HH:mm:ss", Locale.ROOT).withZone(ZoneOffset.UTC);

    private final Layout layout = new Layout("Airpost");

    /** An entry of the menu, for those who may. */
    private record Entry(String text, String path, Role.Right right) {}

    private static final List<Entry> MENU = List.of(
            new Entry("Overview", HOME, Role.Right.SEE),
            new Entry("Devices", "/admin/devices", Role.Right.SEE),
            new Entry("Quarantine", "/admin/quarantine", Role.Right.SEE),
            new Entry("Policies", "/admin/policies", Role.Right.SEE),
            new Entry("Rules", "/admin/rules", Role.Right.SEE),
            new Entry("Broken mail", "/admin/broken", Role.Right.SEE),
            new Entry("Queue", "/admin/queue", Role.Right.SEE),
            new Entry("Backends", "/admin/backends", Role.Right.SEE),
            new Entry("Audit", "/admin/audit", Role.Right.AUDIT),
            new Entry("Access", "/admin/access", Role.Right.AUDIT));

    WebReply page(Visit visit, String title, DomContent... content) {
        return page(visit, 200, title, content);
    }

    WebReply page(Visit visit, int status, String title, DomContent... content) {
        var menu = MENU.stream()
                .filter(entry -> visit.may(entry.right()))
                .map(entry -> new Layout.Item(entry.text(), entry.path(), isAt(visit, entry)))
                .toList();
        var name = "%s, %s".formatted(visit.actor().name(), word(visit.actor().role()));
        return layout.page(
                status,
                title,
                new Layout.Viewer(name, visit.csrf(), visit.session().said(), menu, SIGN_OUT),
                content);
    }

    /** True if a page is the entry's, or one below it. */
    private static boolean isAt(Visit visit, Entry entry) {
        var path = visit.request().path();
        return path.size() == 1 ? entry.path().equals(HOME) : entry.path().equals(HOME + "/" + path.get(1));
    }

    WebReply open(int status, String title, DomContent... content) {
        return layout.open(status, title, content);
    }

    /** Why nothing was done, as a page. */
    WebReply refused(Visit visit, Result.Why why, String words) {
        int status = status(why);
        var title = switch (why) {
            case NOT_ALLOWED -> "Not allowed";
            case NOT_FOUND -> "Not found";
            case INVALID -> "That is not possible";
            case CONFLICT -> "That does not fit any more";
        };
        return page(
                visit,
                status,
                title,
                p(sentence(words)).withClass("error"),
                p(a("Overview").withHref(HOME)));
    }

    static int status(Result.Why why) {
        return switch (why) {
            case NOT_ALLOWED -> 403;
            case NOT_FOUND -> 404;
            case INVALID -> 400;
            case CONFLICT -> 409;
        };
    }

    /** A page of what was asked for, or of why not. */
    <T> WebReply show(Visit visit, Result<T> result, Function<T, WebReply> page) {
        return switch (result) {
            case Result.Done<T>(var value) -> page.apply(value);
            case Result.Refused<T>(var why, var words) -> refused(visit, why, words);
        };
    }

    /** Leads back to a page with a sentence, or tells why nothing was done. */
    <T> WebReply did(Visit visit, Result<T> result, String path, String said) {
        return show(visit, result, _ -> {
            visit.session().say(said);
            return WebReply.redirect(path);
        });
    }

    static String sentence(String words) {
        return words.isEmpty()
                ? words
                : words.substring(0, 1).toUpperCase(Locale.ROOT)
                        + words.substring(1)
                        + (words.endsWith(".") ? "" : ".");
    }

    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }

    /** A moment, in UTC. */
    static String time(Instant moment) {
        return TIME.format(moment);
    }

    /** The same with seconds. */
    static String second(Instant moment) {
        return SECOND.format(moment);
    }

    static String time(Optional<Instant> moment) {
        return moment.map(Frame::time).orElse("never");
    }
}
