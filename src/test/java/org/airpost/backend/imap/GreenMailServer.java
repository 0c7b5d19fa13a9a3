package org.airpost.backend.imap;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;

/** GreenMail in this process; it cannot be killed, and forgets everything when it stops. */
public final class GreenMailServer implements ImapServer {

    private final GreenMail server =
            new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_IMAP).dynamicPort());

    private GreenMailServer() {}

    public static GreenMailServer start() {
        var started = new GreenMailServer();
        started.server.start();
        return started;
    }

    @Override
    public int port() {
        return server.getImap().getPort();
    }

    @Override
    public GreenMailServer addUser(String name, String password) {
        server.setUser(name + "@example.org", name, password);
        return this;
    }

    @Override
    public String log() {
        return "";
    }

    @Override
    public void kill() {
        throw new UnsupportedOperationException("GreenMail is part of this process");
    }

    @Override
    public void restart() {
        throw new UnsupportedOperationException("GreenMail would forget its mail");
    }

    @Override
    public void close() {
        server.stop();
    }
}
