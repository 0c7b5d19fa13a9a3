package org.airpost.command;

import org.airpost.convert.Composer.Purpose;
import org.airpost.wbxml.page.ComposeMail;

/**
 * Sends a forward, to which the original's text and attachments are added unless the phone did. Source: MS-ASCMD
 * "SmartForward".
 */
public final class SmartForward implements Command {

    private final Outbox outbox;

    public SmartForward(Outbox outbox) {
        this.outbox = outbox;
    }

    @Override
    public Answer run(Request request) {
        return outbox.run(request, ComposeMail.SMART_FORWARD, Purpose.Forward::new);
    }
}
