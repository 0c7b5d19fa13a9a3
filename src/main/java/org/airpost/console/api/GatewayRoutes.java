package org.airpost.console.api;

import static org.airpost.console.api.Shape.field;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.Audit;
import org.airpost.admin.MailActions;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.admin.Role.Right;
import org.airpost.console.api.ApiRoute.Call;
import org.airpost.telemetry.Backends;
import org.airpost.telemetry.Telemetry;

/** The gateway as a whole: what goes on, its servers, mail that is broken or waits, the audit log. */
final class GatewayRoutes {

    private static final Duration HOUR = Duration.ofHours(1);
    private static final int LINES = 100;
    private static final int MOST_LINES = 500;

    private static final Shape STATUS = Shape.of(
            field("waiting", Shape.Plain.INTEGER, "phones that wait for news now"),
            field("requests", Shape.Plain.INTEGER, "in the last hour"),
            field("errors", Shape.Plain.INTEGER, "in the last hour"),
            field("pushes", Shape.Plain.INTEGER, "in the last hour"),
            field("pushDelayMillis", Shape.Plain.INTEGER, "from the news to the answer, on average"),
            field("byCommand", new Shape.Table(Shape.Plain.INTEGER), "requests of the last hour"),
            field("byError", new Shape.Table(Shape.Plain.INTEGER), "errors of the last hour"));

    private static final Shape BACKENDS = Shape.of(field(
            "backends",
            new Shape.Many(Shape.of(
                    field("kind", Shape.Plain.STRING, "imap, smtp, ldap, carddav or sieve"),
                    field("place", Shape.Plain.STRING, "the server"),
                    field("state", Shape.words(Backends.State.values()), "how it is"),
                    field("lastGood", Shape.Plain.TIME, "when it worked last").orAbsent(),
                    field("lastBad", Shape.Plain.TIME, "when it failed last").orAbsent(),
                    field("words", Shape.Plain.STRING, "of the last failure"),
                    field("failures", Shape.Plain.INTEGER, "since the start"))),
            "by what their users met last"));

    private static final Shape BROKEN = Shape.of(field(
            "messages",
            new Shape.Many(Shape.of(
                    field("id", Shape.Plain.STRING, "for a retry"),
                    field("user", Shape.Plain.STRING, "whose it is"),
                    field("folder", Shape.Plain.STRING, "where it is"),
                    field("uid", Shape.Plain.INTEGER, "its UID"),
                    field("received", Shape.Plain.TIME, "when it came"),
                    field("reason", Shape.Plain.STRING, "why it is broken"))),
            "those that phones got a placeholder for"));

    private static final Shape QUEUE = Shape.of(field(
            "mails",
            new Shape.Many(Shape.of(
                    field("id", Shape.Plain.STRING, "for what is done with it"),
                    field("user", Shape.Plain.STRING, "who sends it"),
                    field("since", Shape.Plain.STRING, "since when it waits"),
                    field("next", Shape.Plain.STRING, "when it is tried next"),
                    field("tries", Shape.Plain.INTEGER, "so far"),
                    field("recipients", Shape.Plain.INTEGER, "how many"),
                    field("words", Shape.Plain.STRING, "of the server, without addresses"))),
            "those that are delivered later"));

    private static final Shape AUDIT = Shape.of(
            field(
                    "entries",
                    new Shape.Many(Shape.of(
                            field("id", Shape.Plain.STRING, "its place"),
                            field("time", Shape.Plain.TIME, "when"),
                            field("actor", Shape.Plain.STRING, "who"),
                            field("role", Shape.words(Role.values()), "as what"),
                            field("from", Shape.Plain.STRING, "from which address"),
                            field("action", Shape.Plain.STRING, "what"),
                            field("user", Shape.Plain.STRING, "to which user"),
                            field("device", Shape.Plain.STRING, "to which device"),
                            field("thing", Shape.Plain.STRING, "to what else"),
                            field("done", Shape.Plain.BOOLEAN, "false if it was refused"),
                            field("words", Shape.Plain.STRING, "why, or what came of it"))),
                    "newest first"),
            field("next", Shape.Plain.STRING, "the value of before for the next page")
                    .orAbsent());

    private static final Shape ID = Shape.of(field("id", Shape.Plain.STRING, "of what was asked for"));

    private final Telemetry telemetry;
    private final MailActions mail;
    private final Audit audit;

    GatewayRoutes(Telemetry telemetry, MailActions mail, Audit audit) {
        this.telemetry = telemetry;
        this.mail = mail;
        this.audit = audit;
    }

    List<ApiRoute> routes() {
        return List.of(
                ApiRoute.get("/status", Right.SEE, "What goes on.", STATUS, _ -> new Result.Done<>(status())),
                ApiRoute.get(
                        "/backends",
                        Right.SEE,
                        "The servers behind the gateway.",
                        BACKENDS,
                        _ -> new Result.Done<>(backends())),
                ApiRoute.get(
                        "/broken",
                        Right.SEE,
                        "Messages that are broken.",
                        BROKEN,
                        call -> mail.broken(call.actor())
                                .map(all -> Json.object()
                                        .with(
                                                "messages",
                                                Json.list(
                                                        all,
                                                        one -> Json.object()
                                                                .with("id", one.id())
                                                                .with("user", one.user())
                                                                .with("folder", one.mailbox())
                                                                .with("uid", one.uid())
                                                                .with("received", one.received())
                                                                .with("reason", one.reason())
                                                                .done()))
                                        .done())),
                ApiRoute.post(
                                "/broken/retry",
                                Right.CARE,
                                "Has a message sent anew.",
                                ID,
                                call -> id(mail.retry(call.actor(), call.text("id"))))
                        .taking(ID),
                ApiRoute.get(
                        "/queue",
                        Right.SEE,
                        "Mails that are delivered later.",
                        QUEUE,
                        call -> mail.queue(call.actor())
                                .map(all -> Json.object()
                                        .with(
                                                "mails",
                                                Json.list(
                                                        all,
                                                        one -> Json.object()
                                                                .with("id", one.id())
                                                                .with("user", one.user())
                                                                .with("since", one.since())
                                                                .with("next", one.next())
                                                                .with("tries", one.tries())
                                                                .with("recipients", one.recipients())
                                                                .with("words", one.words())
                                                                .done()))
                                        .done())),
                ApiRoute.post(
                        "/queue/{id}/retry",
                        Right.CARE,
                        "Has a mail tried at the next occasion.",
                        ID,
                        call -> id(mail.retryQueued(call.actor(), call.at("id")))),
                ApiRoute.post(
                        "/queue/{id}/return",
                        Right.CARE,
                        "Gives a mail back to its user.",
                        ID,
                        call -> id(mail.returnQueued(call.actor(), call.at("id")))),
                ApiRoute.get("/audit", Right.AUDIT, "Who did what.", AUDIT, this::audit)
                        .asking(
                                field("user", Shape.Plain.STRING, "done to this user"),
                                field("device", Shape.Plain.STRING, "done to this device"),
                                field("actor", Shape.Plain.STRING, "done by"),
                                field("action", Shape.Plain.STRING, "how the action begins"),
                                field("before", Shape.Plain.STRING, "older than this entry"),
                                field(
                                        "limit",
                                        Shape.Plain.INTEGER,
                                        "how many; %d, %d at most".formatted(LINES, MOST_LINES))));
    }

    private static Result<? extends JsonElement> id(Result<String> result) {
        return result.map(id -> Json.object().with("id", id).done());
    }

    private JsonObject status() {
        var counts = telemetry.activity().last(HOUR);
        var byCommand = new JsonObject();
        counts.requests().forEach(byCommand::addProperty);
        var byError = new JsonObject();
        counts.errors().forEach(byError::addProperty);
        return Json.object()
                .with("waiting", telemetry.exchanges().waitingCount())
                .with("requests", counts.allRequests())
                .with("errors", counts.allErrors())
                .with("pushes", counts.pushes())
                .with("pushDelayMillis", counts.pushDelay().toMillis())
                .with("byCommand", byCommand)
                .with("byError", byError)
                .done();
    }

    private JsonObject backends() {
        return Json.object()
                .with(
                        "backends",
                        Json.list(
                                telemetry.backends().list(),
                                one -> Json.object()
                                        .with("kind", one.kind())
                                        .with("place", one.place())
                                        .with("state", one.state())
                                        .withTime("lastGood", one.lastGood())
                                        .withTime("lastBad", one.lastBad())
                                        .with("words", one.words())
                                        .with("failures", one.failures())
                                        .done()))
                .done();
    }

    private Result<? extends JsonElement> audit(Call call) {
        var query = call.query();
        var limit = query.text("limit");
        if (!limit.matches("[0-9]{0,5}")) {
            return Result.<JsonElement>invalid("limit is a number");
        }
        var filter = new Audit.Filter(
                query.first("user"),
                query.first("device"),
                query.first("actor"),
                query.first("action"),
                Optional.empty(),
                Optional.empty());
        int lines = limit.isEmpty() ? LINES : Math.clamp(Integer.parseInt(limit), 1, MOST_LINES);
        return audit.page(call.actor(), filter, query.first("before"), lines)
                .map(page -> Json.object()
                        .with("entries", Json.list(page.entries(), GatewayRoutes::entry))
                        .withText("next", page.next())
                        .done());
    }

    private static JsonObject entry(Audit.Entry entry) {
        return Json.object()
                .with("id", entry.id())
                .with("time", entry.time())
                .with("actor", entry.actor())
                .with("role", entry.role())
                .with("from", entry.from())
                .with("action", entry.action())
                .with("user", entry.subject().user())
                .with("device", entry.subject().deviceId())
                .with("thing", entry.subject().thing())
                .with("done", entry.done())
                .with("words", entry.words())
                .done();
    }
}
