package org.airpost.sync;

import org.airpost.backend.MailAccount;

/** The mail server of a model world, with one user; and what goes wrong there that is not the account's doing. */
interface ModelServer extends AutoCloseable {

    /** The user's mailboxes as the gateway reaches them; each call is a new sign-in. */
    MailAccount gateway();

    /** The user's mailboxes as another program reaches them, which nothing disturbs. */
    MailAccount other();

    /** Gives a mailbox another UIDVALIDITY and its messages new UIDs, if this can be done with it. */
    void renumber(String mailbox);

    /** The gateway's connection is cut once so many bytes have passed that way; nothing where there is no connection. */
    default void cutAfter(int bytes, boolean toServer) {}

    /** Forgets the plan to cut; true if it had come to pass. */
    default boolean settle() {
        return false;
    }

    /** Ends the server and starts it again, where it can be. */
    default void restart() {}

    @Override
    void close();
}
