package org.airpost.admin;

import java.util.List;
import java.util.function.Consumer;
import java.util.function.Predicate;
import org.airpost.admin.Audit.Subject;
import org.airpost.sync.BrokenMessages;
import org.airpost.sync.BrokenMessages.Broken;

/** What is done about mail: messages that are broken, and mails that wait to be delivered. */
public final class MailActions {

    private final BrokenMessages broken;
    private final Consumer<Broken> onRetry;
    private final QueuedMails queue;
    private final Audit audit;

    /** {@code onRetry} is told of what is to be sent anew, so that waiting phones hear of it at once. */
    public MailActions(BrokenMessages broken, Consumer<Broken> onRetry, QueuedMails queue, Audit audit) {
        this.broken = broken;
        this.onRetry = onRetry;
        this.queue = queue;
        this.audit = audit;
    }

    /** Messages that phones got a placeholder for. */
    public Result<List<Broken>> broken(Actor actor) {
        return actor.role().may(Role.Right.SEE) ? new Result.Done<>(broken.list()) : Result.notAllowed(actor);
    }

    /** Has a message sent anew to all devices of its user; gives its id. */
    public Result<String> retry(Actor actor, String id) {
        return broken.list().stream()
                .filter(one -> one.id().equals(id))
                .findFirst()
                .map(found -> retry(actor, found))
                .orElseGet(() -> noted(
                        actor,
                        "message.retry",
                        Subject.ofThing(id),
                        actor.role().may(Role.Right.CARE)
                                ? Result.notFound("broken message " + id)
                                : Result.notAllowed(actor)));
    }

    /** The same with one that is listed. */
    Result<String> retry(Actor actor, Broken found) {
        Result<String> result;
        if (actor.role().may(Role.Right.CARE)) {
            broken.retry(found);
            onRetry.accept(found);
            result = new Result.Done<>(found.id());
        } else {
            result = Result.notAllowed(actor);
        }
        return noted(actor, "message.retry", new Subject(found.user(), "", found.id()), result);
    }

    /** Mails that are delivered later. */
    public Result<List<QueuedMails.Line>> queue(Actor actor) {
        return actor.role().may(Role.Right.SEE) ? new Result.Done<>(queue.list()) : Result.notAllowed(actor);
    }

    /** Has a mail tried at the next occasion. */
    public Result<String> retryQueued(Actor actor, String id) {
        return queued(actor, "queue.retry", id, queue::retry);
    }

    /** Gives a mail back to its user. */
    public Result<String> returnQueued(Actor actor, String id) {
        return queued(actor, "queue.return", id, queue::giveUp);
    }

    private Result<String> queued(Actor actor, String action, String id, Predicate<String> work) {
        var found = queue.list().stream().filter(one -> one.id().equals(id)).findFirst();
        Result<String> result;
        if (!actor.role().may(Role.Right.CARE)) {
            result = Result.notAllowed(actor);
        } else if (found.isEmpty()) {
            result = Result.notFound("queued mail " + id);
        } else {
            result = work.test(id)
                    ? new Result.Done<>(id)
                    : Result.conflict("mail %s is tried at this moment, or gone".formatted(id));
        }
        var user = found.map(QueuedMails.Line::user).orElse("");
        return noted(actor, action, new Subject(user, "", id), result);
    }

    private Result<String> noted(Actor actor, String action, Subject subject, Result<String> result) {
        var words = result instanceof Result.Refused<String>(var _, var why) ? why : "";
        audit.note(actor, action, subject, result.isDone(), words);
        return result;
    }
}
