package org.airpost.app;

import java.util.List;
import java.util.function.Predicate;
import org.airpost.admin.QueuedMails;
import org.airpost.command.MailQueue;

/** The queue as an administrator sees it. */
record QueueView(MailQueue queue) implements QueuedMails {

    @Override
    public List<Line> list() {
        return queue.list().stream()
                .map(one -> new Line(
                        one.id(),
                        one.user(),
                        one.since().toString(),
                        one.next().toString(),
                        one.tries(),
                        one.recipients().size(),
                        one.words()))
                .toList();
    }

    @Override
    public boolean retry(String id) {
        return each(id, queue::retry);
    }

    @Override
    public boolean giveUp(String id) {
        return each(id, queue::giveUp);
    }

    private boolean each(String id, Predicate<MailQueue.Queued> work) {
        return queue.list().stream().filter(one -> one.id().equals(id)).anyMatch(work);
    }
}
