package org.airpost.backend.imap;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import jdk.net.ExtendedSocketOptions;

/**
 * Passes bytes between a client and a server, and cuts a connection after as many as a test says.
 *
 * <p>The server has come to its end of the connection before the client sees it cut: what the client then finds is all that
 * will have come of what it sent.
 */
public final class CuttingProxy implements AutoCloseable {

    private static final int DRAIN_MILLIS = 5_000;

    private final ServerSocket listening;
    private final InetSocketAddress server;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    /** Clients that hear nothing more: their way to the server is cut. */
    private final Set<Socket> mute = ConcurrentHashMap.newKeySet();

    /** Guards the plan; held for no I/O. */
    private final ReentrantLock lock = new ReentrantLock();

    private int left = -1;
    private boolean toServer;
    private boolean happened;

    private CuttingProxy(ServerSocket listening, int port) {
        this.listening = listening;
        this.server = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
    }

    /** In front of a server on a port of the loopback address. */
    public static CuttingProxy before(int port) {
        try {
            var proxy = new CuttingProxy(new ServerSocket(0, 100, InetAddress.getLoopbackAddress()), port);
            Thread.ofVirtual().name("cutting-proxy").start(proxy::accept);
            return proxy;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public int port() {
        return listening.getLocalPort();
    }

    /** The connection on which the byte after so many passes that way is cut before it. */
    public void cutAfter(int bytes, boolean onTheWayToTheServer) {
        lock.lock();
        try {
            left = bytes;
            toServer = onTheWayToTheServer;
            happened = false;
        } finally {
            lock.unlock();
        }
    }

    /** Forgets the plan; true if it had come to pass. */
    public boolean settle() {
        lock.lock();
        try {
            left = -1;
            return happened;
        } finally {
            lock.unlock();
        }
    }

    /** How many of these bytes may pass. */
    private int allowed(int bytes, boolean thisWay) {
        lock.lock();
        try {
            if (left < 0 || thisWay != toServer) {
                return bytes;
            }
            if (bytes <= left) {
                left -= bytes;
                return bytes;
            }
            int last = left;
            left = -1;
            happened = true;
            return last;
        } finally {
            lock.unlock();
        }
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                var client = listening.accept();
                open.add(client);
                Thread.ofVirtual().name("cutting-proxy").start(() -> serve(client));
            } catch (IOException e) {
                return; // closed
            }
        }
    }

    private void serve(Socket client) {
        try (client;
                var upstream = new Socket()) {
            client.setTcpNoDelay(true);
            upstream.setTcpNoDelay(true);
            open.add(upstream);
            upstream.connect(server, DRAIN_MILLIS);
            var up = Thread.ofVirtual()
                    .name("cutting-proxy")
                    .start(() -> pump(client, upstream, client, upstream, true));
            pump(upstream, client, client, upstream, false);
            up.join();
            open.remove(upstream);
        } catch (IOException e) {
            // The client sees that there is no server.
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            open.remove(client);
            mute.remove(client);
        }
    }

    private void pump(Socket from, Socket to, Socket client, Socket upstream, boolean up) {
        var piece = new byte[16 << 10];
        try {
            var in = from.getInputStream();
            var out = to.getOutputStream();
            for (int n = in.read(piece); n >= 0; n = in.read(piece)) {
                if (!up) {
                    // GreenMail waits for it between the packets of an answer.
                    from.setOption(ExtendedSocketOptions.TCP_QUICKACK, true);
                }
                if (!up && mute.contains(client)) {
                    continue;
                }
                int allowed = allowed(n, up);
                out.write(piece, 0, allowed);
                if (allowed < n) {
                    cut(client, upstream, up);
                    return;
                }
            }
        } catch (IOException e) {
            // Ended from the other side.
        }
        end(up ? upstream : client);
    }

    private static void end(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            // It is over in any case.
        }
    }

    /** The server reads the end, does what it has heard, and ends; only then the client is told. */
    private void cut(Socket client, Socket upstream, boolean up) throws IOException {
        if (up) {
            // The other pump reads on and closes the client at its end. What a server says of half a command gets
            // nowhere.
            mute.add(client);
            client.setSoTimeout(DRAIN_MILLIS);
            upstream.shutdownOutput();
        } else {
            upstream.shutdownOutput();
            drain(upstream);
            end(client);
        }
    }

    private static void drain(Socket upstream) throws IOException {
        upstream.setSoTimeout(DRAIN_MILLIS);
        InputStream in = upstream.getInputStream();
        var piece = new byte[16 << 10];
        while (in.read(piece) >= 0) {
            // Dropped.
        }
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(CuttingProxy::end);
    }
}
