package org.airpost.backend.imap;

/** The contract over Cyrus, which has QRESYNC, MAILBOXID and lower-case roles, and refuses what is not clean. */
class CyrusImapTest extends RealImapContract {

    @Override
    ImapServer start() {
        Cyrus.assumeInstalled();
        return Cyrus.start();
    }
}
