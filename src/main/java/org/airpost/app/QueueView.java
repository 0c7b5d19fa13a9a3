package org.airpost.app;

import java.util.List;
import java.util.function.Consumer;
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
    public void retry(String id) {
        each(id, queue::retry);
    }

    @Override
    public void giveUp(String id) {
        each(id, queue::giveUp);
    }

    private void each(String id, Consumer<MailQueue.Queued> work) {
        queue.list().stream().filter(one -> one.id().equals(id)).forEach(work);
    }
}
