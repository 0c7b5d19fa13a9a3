package org.airpost.command;

import org.airpost.convert.Composer.Purpose;
import org.airpost.wbxml.page.ComposeMail;

/** Sends a message. Source: MS-ASCMD "SendMail". */
public final class SendMail implements Command {

    private final Outbox outbox;

    public SendMail(Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public Answer run(Request request) {
        return outbox.run(request, ComposeMail.SEND_MAIL, (original, complete) -> new Purpose.New());
    }
}
