package org.airpost.backend.smtp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.time.Duration;
import java.util.Optional;
import javax.net.SocketFactory;
import javax.net.ssl.SSLSocketFactory;

/** Makes the socket of one connection, and keeps hold of it: the last reply of a submission has a time limit of its own. */
final class Sockets {

    private final SSLSocketFactory tls;
    private volatile Optional<Socket> made = Optional.empty();

    Sockets(SSLSocketFactory tls) {
        this.tls = tls;
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

    private Socket keep(Socket socket) {
        made = Optional.of(socket);
        return socket;
    }

    SocketFactory plain() {
        return new SocketFactory() {
            @Override
            public Socket createSocket() {
                return keep(new Socket());
            }

            @Override
            public Socket createSocket(String host, int port) throws IOException {
                return keep(new Socket(host, port));
            }

            @Override
            public Socket createSocket(String host, int port, InetAddress local, int localPort) throws IOException {
                return keep(new Socket(host, port, local, localPort));
            }

            @Override
            public Socket createSocket(InetAddress host, int port) throws IOException {
                return keep(new Socket(host, port));
            }

            @Override
            public Socket createSocket(InetAddress host, int port, InetAddress local, int localPort)
                    throws IOException {
                return keep(new Socket(host, port, local, localPort));
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

            // Over a socket that is kept already, which the reads come from.
            @Override
            public Socket createSocket(Socket socket, String host, int port, boolean autoClose) throws IOException {
                return tls.createSocket(socket, host, port, autoClose);
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
