package org.airpost.sync;

import java.time.InstantSource;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.memory.MemoryMail;

/** A model's mail server in memory. */
final class ModelMemory implements ModelServer {

    private static final String USER = "ann";

    private final MemoryMail mail;
    private final MailAccount other;

    ModelMemory(InstantSource clock) {
        mail = new MemoryMail(clock).user(USER, "secret");
        other = gateway();
    }

    @Override
    public MailAccount gateway() {
        if (mail.signIn(new Credentials(USER, "secret")) instanceof SignIn.Accepted(var there)) {
            return there;
        }
        throw new AssertionError("the memory server refuses Ann");
    }

    @Override
    public MailAccount other() {
        return other;
    }

    @Override
    public void renumber(String mailbox) {
        mail.renumber(USER, mailbox);
    }

    @Override
    public void close() {
        other.close();
    }
}
