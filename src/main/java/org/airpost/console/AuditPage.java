package org.airpost.console;

import static j2html.TagCreator.a;
import static j2html.TagCreator.div;
import static j2html.TagCreator.input;
import static j2html.TagCreator.p;
import static j2html.TagCreator.span;
import static j2html.TagCreator.text;

import j2html.tags.DomContent;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.Audit;
import org.airpost.admin.Audit.Entry;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.console.web.Links;
import org.airpost.http.WebReply;

/** Who did what to whom. */
final class AuditPage {

    private static final String PATH = "/admin/audit";
    private static final int LINES = 100;

    private final Frame frame;
    private final Audit audit;

    AuditPage(Frame frame, Audit audit) {
        this.frame = frame;
        this.audit = audit;
    }

    List<Route> routes() {
        return List.of(Route.get(PATH, Right.AUDIT, this::list));
    }

    private WebReply list(Visit visit) {
        var query = visit.query();
        var filter = new Audit.Filter(
                asked(query.text("user")),
                asked(query.text("device")),
                asked(query.text("actor")),
                asked(query.text("action")),
                Optional.empty(),
                Optional.empty());
        return frame.show(
                visit,
                audit.page(visit.actor(), filter, asked(query.text("before")), LINES),
                page -> frame.page(
                        visit,
                        "Audit",
                        p("Who did what, newest first. Entries cannot be changed. Times are UTC."),
                        Forms.get(
                                        PATH,
                                        field(visit, "User", "user"),
                                        field(visit, "Device", "device"),
                                        field(visit, "Who", "actor"),
                                        field(visit, "Action begins with", "action"),
                                        Forms.button("Filter"))
                                .withClass("filter"),
                        entries(page.entries()),
                        page.next().<DomContent>map(next -> older(visit, next)).orElse(text(""))));
    }

    static DomContent entries(List<Entry> entries) {
        return Listing.of("Audit entries", entries)
                .times("Time", entry -> Frame.second(entry.time()))
                .texts("Who", entry -> entry.actor() + ", " + Frame.word(entry.role()))
                .texts("From", Entry::from)
                .texts("Action", Entry::action)
                .column(
                        "Result",
                        "",
                        entry -> span(entry.done() ? "done" : "refused")
                                .withClasses("badge", entry.done() ? "ok" : "bad"))
                .texts("User", entry -> entry.subject().user())
                .texts("Device", entry -> entry.subject().deviceId())
                .texts("What", entry -> entry.subject().thing())
                .texts("Words", Entry::words)
                .orElse("There is no entry.");
    }

    private static DomContent field(Visit visit, String label, String name) {
        return Forms.field(
                label, name, input().withType("text").withValue(visit.query().text(name)), "");
    }

    private static DomContent older(Visit visit, String next) {
        var fields = new LinkedHashMap<String, String>();
        for (var name : List.of("user", "device", "actor", "action")) {
            fields.put(name, visit.query().text(name));
        }
        fields.put("before", next);
        return div(a("Older entries").withHref(Links.withQuery(PATH, fields))).withClass("pages");
    }

    private static Optional<String> asked(String text) {
        return Optional.of(text.strip()).filter(given -> !given.isEmpty());
    }
}
