package org.airpost.backend.imap;

/** The contract over Courier, which has no CONDSTORE, no MOVE, no SPECIAL-USE, and everything below INBOX. */
class CourierImapTest extends RealImapContract {

    @Override
    ImapServer start() {
        Courier.assumeInstalled();
        return Courier.start();
    }
}
