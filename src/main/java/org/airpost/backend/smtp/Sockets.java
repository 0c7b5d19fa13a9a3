package org.airpost.backend.smtp;

import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Optional;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;
import org.eclipse.angus.mail.util.WriteTimeoutSocket;

/**
 * Makes the socket of one connection, and keeps hold of it: the last reply of a submission has a time limit of its own, and
 * Angus has no stream that sends bytes as they are.
 */
final class Sockets {

    private final SSLSocketFactory tls;
    private final Duration writeTimeout;
    private volatile Optional<Socket> made = Optional.empty();

    /** Sockets that wait so long for the other side to take what is written; those that begin with TLS leave it to Angus. */
    Sockets(SSLSocketFactory tls, Duration writeTimeout) {
        this.tls = tls;
        this.writeTimeout = writeTimeout;
    }

    /** What is written here goes to the server as it is, after all that Angus has flushed. */
    OutputStream output() throws IOException {
        var socket = made.orElseThrow(() -> new IOException("the connection has ended"));
        socket.setTcpNoDelay(true); // the end of a chunk has nothing to wait for
        return socket.getOutputStream();
    }

    /** How long the server may be silent from now on. */
    void patience(Duration limit) {
        try {
            if (made.isPresent()) {
                made.get().setSoTimeout(Math.toIntExact(limit.toMillis()));
            }
        } catch (SocketException e) {
            // It is closed; the next read says so.
            made = Optional.empty();
        }
    }

    private Socket limited(Socket socket) throws IOException {
        return keep(new WriteTimeoutSocket(socket, Math.toIntExact(writeTimeout.toMillis())));
    }

    private Socket keep(Socket socket) {
        made = Optional.of(socket);
        return socket;
    }

    SocketFactory plain() {
        return new SocketFactory() {
            @Override
            public Socket createSocket() throws IOException {
                return limited(new Socket());
            }

            @Override
            public Socket createSocket(String host, int port) throws IOException {
                return limited(new Socket(host, port));
            }

            @Override
            public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
                return limited(new Socket(host, port, local, localPort));
            }

            @Override
            public Socket createSocket(InetAddress host, int port) throws IOException {
                return limited(new Socket(host, port));
            }

            @Override
            public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
                    throws IOException {
                return limited(new Socket(host, port, local, localPort));
            }
        };
    }

    SSLSocketFactory tls() {
        return new SSLSocketFactory() {
            @Override
            public String[] getDefaultCipherSuites() {
                return tls.getDefaultCipherSuites();
            }

            @Override
            public String[] getSupportedCipherSuites() {
                return tls.getSupportedCipherSuites();
            }

            @Override
            public Socket createSocket() throws IOException {
                return keep(tls.createSocket());
            }

            // Over the one that was kept before (STARTTLS), or one that Angus has made.
            @Override
            public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
                return keep(tls.createSocket(socket, host, port, autoClose));
            }

            @Override
            public Socket createSocket(String host, int port) throws IOException {
                return keep(tls.createSocket(host, port));
            }

            @Override
            public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
                return keep(tls.createSocket(host, port, local, localPort));
            }

            @Override
            public Socket createSocket(InetAddress host, int port) throws IOException {
                return keep(tls.createSocket(host, port));
            }

            @Override
            public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
                    throws IOException {
                return keep(tls.createSocket(host, port, local, localPort));
            }
        };
    }
}
