package org.airpost.console;

import static j2html.TagCreator.code;
import static j2html.TagCreator.div;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.p;

import j2html.tags.DomContent;
import java.time.Instant;
import java.util.List;
import org.airpost.admin.MailActions;
import org.airpost.admin.QueuedMails.Line;
import org.airpost.admin.Role.Right;
import org.airpost.console.web.Forms;
import org.airpost.http.WebReply;

/** Mails that are delivered later. */
final class QueuePage {

    private static final String PATH = "/admin/queue";

    private final Frame frame;
    private final MailActions mail;

    QueuePage(Frame frame, MailActions mail) {
        this.frame = frame;
        this.mail = mail;
    }

    List<Route> routes() {
        return List.of(
                Route.get(PATH, Right.SEE, this::list),
                Route.post(PATH + "/retry", Right.CARE, visit -> {
                    var id = visit.form().text("id");
                    return frame.did(
                            visit, mail.retryQueued(visit.actor(), id), PATH, id + " is tried at the next occasion.");
                }),
                Route.post(PATH + "/return", Right.CARE, visit -> {
                    var id = visit.form().text("id");
                    return frame.did(
                            visit, mail.returnQueued(visit.actor(), id), PATH, id + " was given back to its user.");
                }));
    }

    private WebReply list(Visit visit) {
        return frame.show(
                visit,
                mail.queue(visit.actor()),
                lines -> frame.page(
                        visit,
                        "Queue",
                        p("Mails that Airpost has taken over because the mail server did not take them"
                                + " (smtp.deliverLater)."),
                        Listing.of("Queued mails", lines)
                                .texts("User", Line::user)
                                .times("Since", QueuePage::since)
                                .times("Next try", line -> Frame.second(Instant.parse(line.next())))
                                .numbers("Tries", line -> Integer.toString(line.tries()))
                                .numbers("Recipients", line -> Integer.toString(line.recipients()))
                                .texts("The server says", Line::words)
                                .column("ID", "", line -> code(line.id()))
                                .column(
                                        "Action",
                                        "",
                                        line -> iff(
                                                visit.may(Right.CARE),
                                                div(
                                                                button(visit, "/retry", line, "Try again"),
                                                                button(visit, "/return", line, "Give back"))
                                                        .withClass("actions")))
                                .orElse("No mail is waiting.")));
    }

    /** A mail that is to be given back is put to the beginning of time. */
    private static String since(Line line) {
        var since = Instant.parse(line.since());
        return since.equals(Instant.EPOCH) ? "is given back" : Frame.second(since);
    }

    private static DomContent button(Visit visit, String action, Line line, String words) {
        return Forms.post(
                visit.csrf(),
                PATH + action,
                Forms.hidden("id", line.id()),
                Forms.button(words).withClass("plain"));
    }
}
