package org.airpost.backend.imap;

/** A real IMAP server as a child of the test, on a free port of the loopback address, with users of its own. */
public interface ImapServer extends AutoCloseable {

    int port();

    /** Makes a user with empty mailboxes. */
    ImapServer addUser(String name, String password);

    /** What the server has logged. */
    String log();

    /** Ends it at once, with all that belongs to it; connections break. The mailboxes stay. */
    void kill();

    /** Ends it, and starts it again on the same port with the same mailboxes. */
    void restart();

    @Override
    void close();
}
