package org.airpost.cli.check;

import java.io.IOException;
import java.net.ConnectException;
import java.net.NoRouteToHostException;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.security.GeneralSecurityException;
import java.security.cert.CertificateException;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import javax.net.ssl.SSLException;
import javax.net.ssl.SSLHandshakeException;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.X509TrustManager;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;

/** Looks at a server's TLS as a phone does: versions, names, times, chain. */
final class TlsProbe {

    private static final String CONNECT = "connection";
    private static final String TLS = "TLS";
    private static final Duration LIMIT = Duration.ofSeconds(15);
    private static final Duration SOON = Duration.ofDays(14);

    /** Names and addresses in subjectAltName. Source: RFC 5280 §4.2.1.6. */
    private static final Set<Integer> NAME_KINDS = Set.of(2, 7);

    private final Network network;
    private final X509TrustManager believed;
    private final InstantSource clock;

    TlsProbe(Network network, X509TrustManager believed, InstantSource clock) {
        this.network = network;
        this.believed = believed;
        this.clock = clock;
    }

    /** What is to be said of a server; nothing BAD among it if phones are content. */
    List<Finding> look(String host, int port) {
        var findings = new ArrayList<Finding>();
        try (var socket = network.connect(host, port, LIMIT)) {
            findings.add(Finding.good(CONNECT, "%s answers at port %d".formatted(host, port)));
            socket.setSoTimeout(Math.toIntExact(LIMIT.toMillis()));
            shakeHands(socket, host, port, findings);
        } catch (IOException e) {
            findings.add(notReached(host, port, e));
        }
        return findings;
    }

    private static Finding notReached(String host, int port, IOException e) {
        var place = "%s, port %d".formatted(host, port);
        return switch (e) {
            case UnknownHostException _ ->
                Finding.bad(
                        CONNECT,
                        "this machine knows no address of " + host,
                        "Make an A or AAAA record for it, or look whether this machine's name server is right.");
            case SocketTimeoutException _ ->
                Finding.bad(
                        CONNECT,
                        "%s does not answer in %d s".formatted(place, LIMIT.toSeconds()),
                        "Open port %d in the firewall, and forward it in the router to the machine of Airpost or its proxy."
                                .formatted(port));
            case ConnectException _, NoRouteToHostException _ ->
                Finding.bad(
                        CONNECT,
                        "nobody listens at " + place,
                        "Start Airpost (or the proxy before it), and look whether http.port and the forwarded port are"
                                + " the same: phones use 443 if the address names none.");
            default -> Finding.bad(CONNECT, "%s: %s".formatted(place, e.getMessage()), "Look at the network between.");
        };
    }

    private void shakeHands(java.net.Socket socket, String host, int port, List<Finding> findings) {
        // Whoever it is: what is wrong with the certificate is said below, all of it. Nothing is sent on this
        // connection.
        var anyone = new Tls(new Trust.Any()).context();
        try (var tls = (SSLSocket) anyone.getSocketFactory().createSocket(socket, host, port, false)) {
            var parameters = tls.getSSLParameters();
            parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
            tls.setSSLParameters(parameters);
            tls.startHandshake();
            var chain = Arrays.stream(tls.getSession().getPeerCertificates())
                    .filter(X509Certificate.class::isInstance)
                    .map(X509Certificate.class::cast)
                    .toArray(X509Certificate[]::new);
            findings.add(
                    Finding.good(TLS, "it speaks %s".formatted(tls.getSession().getProtocol())));
            certificate(host, chain, findings);
        } catch (IOException e) {
            findings.add(noHandshake(host, port, e));
        }
    }

    private static Finding noHandshake(String host, int port, IOException e) {
        var said = String.valueOf(e.getMessage()).toLowerCase(Locale.ROOT);
        if (said.contains("protocol_version") || said.contains("protocol version")) {
            return Finding.bad(
                    TLS,
                    "%s speaks only TLS versions that phones refuse (1.1 or older)".formatted(host),
                    "Allow TLS 1.2 and 1.3 in the proxy before Airpost (nginx: ssl_protocols TLSv1.2 TLSv1.3;).");
        }
        if (said.contains("unsupported or unrecognized") || said.contains("plaintext connection")) {
            return Finding.bad(
                    TLS,
                    "port %d of %s speaks plain HTTP, or something else without TLS".formatted(port, host),
                    "Name the port with TLS (443, or Airpost's http.port). If it is Airpost behind a proxy, let phones"
                            + " reach the proxy, not Airpost; else set http.plain = false.");
        }
        if (e instanceof SSLHandshakeException || said.contains("handshake_failure")) {
            return Finding.bad(
                    TLS,
                    "no agreement with %s: %s".formatted(host, e.getMessage()),
                    "Allow the usual ciphers of TLS 1.2 and 1.3 there, and look whether the server has a certificate for"
                            + " this name.");
        }
        return Finding.bad(
                TLS,
                "%s breaks off the TLS handshake%s"
                        .formatted(host, e instanceof SSLException ? ": " + e.getMessage() : ""),
                "Look at the log of the proxy or of Airpost: something between closes connections, a port scanner's"
                        + " guard perhaps.");
    }

    private void certificate(String host, X509Certificate[] chain, List<Finding> findings) {
        var first = chain[0];
        var now = clock.instant();
        boolean good = true;
        var names = names(first);
        if (names.stream().noneMatch(name -> matches(name, host))) {
            good = false;
            findings.add(Finding.bad(
                    "certificate",
                    "it is for %s, not for %s".formatted(names.isEmpty() ? "no name" : String.join(", ", names), host),
                    "Get a certificate with %s in it (Let's Encrypt: certbot -d %s), or write the name into tls.names if"
                                    .formatted(host, host)
                            + " Airpost makes its own."));
        }
        if (now.isAfter(first.getNotAfter().toInstant())) {
            good = false;
            findings.add(Finding.bad(
                    "certificate",
                    "it ended on " + day(first.getNotAfter().toInstant()),
                    "Renew it, and have it renewed by itself from now on. Airpost takes up new files by itself; a proxy"
                            + " must be told to (nginx -s reload)."));
        } else if (now.isBefore(first.getNotBefore().toInstant())) {
            good = false;
            findings.add(Finding.bad(
                    "certificate",
                    "it begins only on " + day(first.getNotBefore().toInstant()),
                    "Set the clock of this machine, or of the one that made it."));
        } else if (now.plus(SOON).isAfter(first.getNotAfter().toInstant())) {
            findings.add(Finding.note(
                    "certificate",
                    "it ends soon, on " + day(first.getNotAfter().toInstant()) + ": see that it is renewed"));
        }
        // A chain with a certificate that has ended proves nothing about who signed it.
        if (good || now.isBefore(first.getNotAfter().toInstant())) {
            good &= trusted(chain, findings);
        }
        if (good) {
            findings.add(Finding.good(
                    "certificate",
                    "it is for %s, good until %s, and trusted"
                            .formatted(host, day(first.getNotAfter().toInstant()))));
        }
    }

    private boolean trusted(X509Certificate[] chain, List<Finding> findings) {
        try {
            believed.checkServerTrusted(chain, "UNKNOWN");
            return true;
        } catch (CertificateException e) {
            findings.add(untrusted(chain));
            return false;
        }
    }

    private static Finding untrusted(X509Certificate[] chain) {
        var last = chain[chain.length - 1];
        var issuer = last.getIssuerX500Principal().getName();
        boolean own = issuer.startsWith("CN=Airpost CA");
        boolean selfSigned = last.getIssuerX500Principal().equals(last.getSubjectX500Principal());
        if (own) {
            return Finding.bad(
                    "certificate",
                    "it is signed by Airpost's own authority, which is not known here",
                    "Use a certificate of a public authority, or send certs/ca.crt to each phone and trust it there. To"
                            + " check with it: --ca certs/ca.crt");
        }
        if (!selfSigned && chain.length == 1) {
            return Finding.bad(
                    "certificate",
                    "the server sends its own certificate alone, and nobody here knows its issuer " + issuer,
                    "Let the server send the whole chain (Let's Encrypt: fullchain.pem, not cert.pem). Browsers help"
                            + " themselves there, phones do not. An authority of your own: trust it on each phone.");
        }
        return Finding.bad(
                "certificate",
                "no authority that is known here has signed it: " + issuer,
                "Get one of a public authority (Let's Encrypt), or trust yours on each phone. To check with it: --ca FILE");
    }

    private static Set<String> names(X509Certificate certificate) {
        var names = new TreeSet<String>();
        try {
            var all = certificate.getSubjectAlternativeNames();
            if (all != null) {
                for (var entry : all) {
                    if (NAME_KINDS.contains((Integer) entry.get(0))) {
                        names.add(String.valueOf(entry.get(1)));
                    }
                }
            }
        } catch (GeneralSecurityException e) {
            return names; // an unreadable name is for nobody
        }
        return names;
    }

    /** A star stands for one label. Source: RFC 6125 §6.4.3. */
    private static boolean matches(String name, String host) {
        if (name.startsWith("*.")) {
            int dot = host.indexOf('.');
            return dot > 0 && name.substring(1).equalsIgnoreCase(host.substring(dot));
        }
        return name.equalsIgnoreCase(host.replaceAll("^\\[|\\]$", ""));
    }

    private static LocalDate day(Instant instant) {
        return LocalDate.ofInstant(instant, ZoneOffset.UTC);
    }
}
