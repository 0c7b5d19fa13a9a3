package org.airpost.backend;

/** Is told how it goes with one server, by who speaks to it. Any thread; never blocks, never throws. */
public interface ServerMeter {

    /** Is told and forgets. */
    ServerMeter NONE = new ServerMeter() {

        @Override
        public void reached() {}

        @Override
        public void failed(String why) {}

        @Override
        public void command(String name) {}

        @Override
        public void read(int bytes) {}

        @Override
        public void wrote(int bytes) {}
    };

    /** It was there: a connection was made, or a question answered. */
    void reached();

    /** It was not, and why; without credentials and addresses of correspondents. */
    void failed(String why);

    /** A command was sent: its name alone, one of those that we know. */
    void command(String name);

    /** So many bytes came, counted within TLS. */
    void read(int bytes);

    /** So many bytes were sent. */
    void wrote(int bytes);
}
