package org.airpost.console;

import static j2html.TagCreator.p;
import static j2html.TagCreator.span;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Locale;
import org.airpost.admin.Role.Right;
import org.airpost.http.WebReply;
import org.airpost.telemetry.Backends;
import org.airpost.telemetry.Backends.Backend;

/** How the servers behind the gateway are, by what their users met last. */
final class BackendsPage {

    private static final String PATH = "/admin/backends";

    private final Frame frame;
    private final Backends backends;

    BackendsPage(Frame frame, Backends backends) {
        this.frame = frame;
        this.backends = backends;
    }

    List<Route> routes() {
        return List.of(Route.get(PATH, Right.SEE, this::list));
    }

    private WebReply list(Visit visit) {
        return frame.page(
                visit,
                "Backends",
                p(
                        "The servers behind Airpost, by what their users met last. Nobody is asked for this page. Times are UTC."),
                table(backends.list()));
    }

    static DomContent table(List<Backend> list) {
        return Listing.of("Servers", list)
                .texts("Kind", one -> one.kind().toUpperCase(Locale.ROOT))
                .texts("Server", Backend::place)
                .column("State", "", BackendsPage::state)
                .times("Worked last", one -> Frame.time(one.lastGood()))
                .times("Failed last", one -> Frame.time(one.lastBad()))
                .numbers("Failures", one -> Long.toString(one.failures()))
                .texts("Words", Backend::words)
                .orElse("No server was asked yet.");
    }

    private static DomContent state(Backend one) {
        return switch (one.state()) {
            case UP -> span("up").withClasses("badge", "ok");
            case DOWN -> span("down").withClasses("badge", "bad");
            case UNUSED -> span("not used yet").withClasses("badge");
        };
    }
}
