package org.airpost.app;

import java.net.URI;
import org.airpost.config.Config;

/** The gateway, wired and listening. Held open by nobody: {@link #close} ends it. */
public final class Gateway implements AutoCloseable {

    private Gateway() {}

    /** Starts all rooms and listens; returns when requests are answered. */
    public static Gateway start(Config config) {
        throw new UnsupportedOperationException("no wiring yet for " + config);
    }

    /** Where it listens, such as {@code https://127.0.0.1:8443}. */
    public URI address() {
        throw new UnsupportedOperationException();
    }

    @Override
    public void close() {}
}
