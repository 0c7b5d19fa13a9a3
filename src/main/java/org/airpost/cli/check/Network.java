package org.airpost.cli.check;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.http.HttpClient;
import java.time.Duration;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.airpost.backend.found.Dns;
import org.airpost.backend.found.DnsjavaDns;

/** The network as a check sees it. */
public interface Network {

    Dns dns();

    /** A connection to a host by name. */
    Socket connect(String host, int port, Duration limit) throws IOException;

    /** For HTTP/1.1 without following redirects; the caller closes it. */
    HttpClient client(SSLContext tls);

    /** The network that this machine is in. */
    static Network ofThisMachine() {
        return new Network() {

            private final Dns dns = DnsjavaDns.ofSystem(Duration.ofSeconds(5));

            @Override
            public Dns dns() {
                return dns;
            }

            @Override
            public Socket connect(String host, int port, Duration limit) throws IOException {
                var socket = new Socket();
                try {
                    socket.connect(new InetSocketAddress(host, port), Math.toIntExact(limit.toMillis()));
                    return socket;
                } catch (IOException | RuntimeException e) {
                    socket.close();
                    throw e;
                }
            }

            @Override
            public HttpClient client(SSLContext tls) {
                return HttpClient.newBuilder()
                        .version(HttpClient.Version.HTTP_1_1)
                        .connectTimeout(Duration.ofSeconds(20))
                        .executor(Executors.newVirtualThreadPerTaskExecutor())
                        .sslContext(tls)
                        .build();
            }
        };
    }
}
