package org.airpost.cli.check;

import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ProxySelector;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.http.HttpClient;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executors;
import javax.net.ssl.SSLContext;
import org.airpost.backend.found.Dns;

/** A network of names, where each place is a port of this machine; DNS says what a test wants. */
final class ScriptedNetwork implements Network, AutoCloseable {

    final Map<String, Dns.Looked<List<InetAddress>>> addresses = new ConcurrentHashMap<>();
    final Map<String, Dns.Looked<List<Dns.Service>>> services = new ConcurrentHashMap<>();
    final Map<String, String> aliases = new ConcurrentHashMap<>();
    private final Map<String, Integer> places = new ConcurrentHashMap<>();
    private final ServerSocket proxy;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();

    ScriptedNetwork() throws IOException {
        proxy = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::accept);
    }

    /** A name with an address, at which this port of the loopback stands for port 443. */
    ScriptedNetwork place(String host, int port) {
        places.put(host + ":443", port);
        addresses.put(host, new Dns.Looked.Found<>(List.of(InetAddress.ofLiteral("192.0.2.7"))));
        return this;
    }

    ScriptedNetwork noAddress(String host) {
        addresses.remove(host);
        return this;
    }

    ScriptedNetwork nobodyAt(String host) {
        places.remove(host + ":443");
        return this;
    }

    @Override
    public Dns dns() {
        return new Dns() {
            @Override
            public Looked<List<Service>> services(String name) {
                return services.getOrDefault(name, new Looked.None<>());
            }

            @Override
            public Looked<List<InetAddress>> addresses(String name) {
                return addresses.getOrDefault(name, new Looked.None<>());
            }

            @Override
            public Looked<List<String>> alias(String name) {
                return aliases.containsKey(name) ? new Looked.Found<>(List.of(aliases.get(name))) : new Looked.None<>();
            }
        };
    }

    @Override
    public Socket connect(String host, int port, Duration limit) throws IOException {
        var at = places.get(host + ":" + port);
        if (at == null) {
            throw new ConnectException("Connection refused");
        }
        return new Socket(InetAddress.getLoopbackAddress(), at);
    }

    /** Its names are resolved by a CONNECT proxy, so that TLS sees them as they are. */
    @Override
    public HttpClient client(SSLContext tls) {
        return HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(Duration.ofSeconds(10))
                .executor(Executors.newVirtualThreadPerTaskExecutor())
                .proxy(ProxySelector.of(new InetSocketAddress(InetAddress.getLoopbackAddress(), proxy.getLocalPort())))
                .sslContext(tls)
                .build();
    }

    private void accept() {
        try {
            while (true) {
                var socket = proxy.accept();
                open.add(socket);
                Thread.ofVirtual().start(() -> tunnel(socket));
            }
        } catch (IOException e) {
            // closed: the test is over
        }
    }

    private void tunnel(Socket phone) {
        try (phone) {
            var head = head(phone.getInputStream());
            var at = places.get(head.split(" ", 3)[1]);
            if (at == null) {
                phone.getOutputStream()
                        .write("HTTP/1.1 502 Nobody\r\nContent-Length: 0\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                return;
            }
            try (var server = new Socket(InetAddress.getLoopbackAddress(), at)) {
                open.add(server);
                phone.getOutputStream().write("HTTP/1.1 200 OK\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                var back = Thread.ofVirtual().start(() -> copy(server, phone));
                copy(phone, server);
                back.join();
            }
        } catch (IOException e) {
            // one of them went away
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private static String head(InputStream in) throws IOException {
        var head = new StringBuilder();
        while (!head.toString().endsWith("\r\n\r\n")) {
            int next = in.read();
            if (next < 0) {
                throw new IOException("no request");
            }
            head.append((char) next);
        }
        return head.toString();
    }

    private static void copy(Socket from, Socket to) {
        try {
            from.getInputStream().transferTo(to.getOutputStream());
            to.shutdownOutput();
        } catch (IOException e) {
            try {
                from.close();
                to.close();
            } catch (IOException second) {
                // both are gone
            }
        }
    }

    @Override
    public void close() throws IOException {
        proxy.close();
        for (var socket : open) {
            socket.close();
        }
    }
}
