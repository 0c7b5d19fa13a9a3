package org.airpost.command;

import org.airpost.convert.Composer.Purpose;
import org.airpost.wbxml.page.ComposeMail;

/** Sends a reply, to which the original's text is added unless the phone did. Source: MS-ASCMD "SmartReply". */
public final class SmartReply implements Command {

    private final Outbox outbox;

    public SmartReply(Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public Answer run(Request request) {
        return outbox.run(request, ComposeMail.SMART_REPLY, Purpose.Reply::new);
    }
}
