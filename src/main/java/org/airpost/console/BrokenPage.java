package org.airpost.console;

import static j2html.TagCreator.code;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;

import java.util.List;
import org.airpost.admin.MailActions;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.http.WebReply;
import org.airpost.sync.BrokenMessages.Broken;

/** Messages that phones got a placeholder for. */
final class BrokenPage {

    private static final String PATH = "/admin/broken";

    private final Frame frame;
    private final MailActions mail;

    BrokenPage(Frame frame, MailActions mail) {
        this.frame = frame;
        this.mail = mail;
    }

    List<Route> routes() {
        return List.of(Route.get(PATH, Right.SEE, this::list), Route.post(PATH + "/retry", Right.CARE, visit -> {
            var id = visit.form().text("id");
            return frame.did(visit, mail.retry(visit.actor(), id), PATH, id + " will be sent anew.");
        }));
    }

    private WebReply list(Visit visit) {
        return frame.show(
                visit,
                mail.broken(visit.actor()),
                broken -> frame.page(
                        visit,
                        "Broken mail",
                        p("Messages that could not be converted or read. Phones show a placeholder with the original"
                                + " attached."),
                        Listing.of("Broken messages", broken)
                                .texts("User", Broken::user)
                                .texts("Folder", Broken::mailbox)
                                .numbers("UID", one -> Long.toString(one.uid()))
                                .times("Received", one -> Frame.time(one.received()))
                                .texts("Why", Broken::reason)
                                .column("ID", "", one -> code(one.id()))
                                .column(
                                        "Action",
                                        "",
                                        one -> iff(
                                                visit.may(Right.CARE),
                                                Forms.post(
                                                        visit.csrf(),
                                                        PATH + "/retry",
                                                        Forms.hidden("id", one.id()),
                                                        Forms.button("Send anew")
                                                                .withClass("plain"))))
                                .orElse("No message is broken.")));
    }
}
