package org.airpost.backend;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Files;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.Arrays;
import java.util.List;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509ExtendedTrustManager;
import javax.net.ssl.X509TrustManager;

/** Puts TLS on a socket, believing the certificates that the settings name. */
public final class Tls {

    /**
     * Sessions kept to be taken up again. All connections go to one or two servers and any session will do, while Java would
     * keep 20,000, each with its certificates.
     */
    private static final int MOST_SESSIONS = 64;

    private final SSLContext context;
    private final boolean checksHost;

    /** Reads the authorities now, so that a wrong file is found at the start and not with the first phone. */
    public Tls(Trust trust) {
        this.checksHost = !(trust instanceof Trust.Any);
        try {
            this.context = SSLContext.getInstance("TLS");
            switch (trust) {
                case Trust.Platform() -> context.init(null, null, null);
                case Trust.Any() -> context.init(null, new TrustManager[] {new Anyone()}, null);
                case Trust.Authorities(var pem) -> {
                    var store = KeyStore.getInstance(KeyStore.getDefaultType());
                    store.load(null, null);
                    try (var in = Files.newInputStream(pem)) {
                        int n = 0;
                        for (var certificate :
                                CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                            store.setCertificateEntry("ca" + n++, certificate);
                        }
                        if (n == 0) {
                            throw new IllegalArgumentException("no certificate in " + pem);
                        }
                    }
                    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                    managers.init(store);
                    context.init(null, managers.getTrustManagers(), null);
                }
            }
            context.getClientSessionContext().setSessionCacheSize(MOST_SESSIONS);
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("cannot use the certificates of " + trust + ": " + e.getMessage(), e);
        }
    }

    /** The authorities that are believed; none where any certificate is. */
    public static List<X509Certificate> authorities(Trust trust) {
        try {
            switch (trust) {
                case Trust.Any() -> {
                    return List.of();
                }
                case Trust.Platform() -> {
                    var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
                    managers.init((KeyStore) null);
                    return Arrays.stream(managers.getTrustManagers())
                            .filter(X509TrustManager.class::isInstance)
                            .flatMap(one -> Arrays.stream(((X509TrustManager) one).getAcceptedIssuers()))
                            .toList();
                }
                case Trust.Authorities(var pem) -> {
                    try (var in = Files.newInputStream(pem)) {
                        return CertificateFactory.getInstance("X.509").generateCertificates(in).stream()
                                .map(X509Certificate.class::cast)
                                .toList();
                    }
                }
            }
        } catch (GeneralSecurityException | IOException e) {
            throw new IllegalArgumentException("cannot use the certificates of " + trust + ": " + e.getMessage(), e);
        }
    }

    /** For clients that make their own sockets. */
    public SSLContext context() {
        return context;
    }

    /** Makes sockets that check certificates, but not yet whether the host name is in them: see {@link #checksHost}. */
    public SSLSocketFactory factory() {
        return context.getSocketFactory();
    }

    /** True if the host name must be in the certificate. */
    public boolean checksHost() {
        return checksHost;
    }

    /** A socket over this one, with the handshake done. The read timeout of the socket holds for it. */
    public SSLSocket over(Socket socket, String host, int port) throws IOException {
        var tls = (SSLSocket) context.getSocketFactory().createSocket(socket, host, port, true);
        var parameters = tls.getSSLParameters();
        if (checksHost) {
            parameters.setEndpointIdentificationAlgorithm("HTTPS"); // RFC 7817 takes the same rules
        }
        parameters.setProtocols(new String[] {"TLSv1.3", "TLSv1.2"});
        tls.setSSLParameters(parameters);
        tls.startHandshake();
        return tls;
    }

    /** Believes everybody. */
    private static final class Anyone extends X509ExtendedTrustManager {

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, Socket socket) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type, SSLEngine engine) {}

        @Override
        public void checkClientTrusted(X509Certificate[] chain, String type) {}

        @Override
        public void checkServerTrusted(X509Certificate[] chain, String type) {}

        @Override
        public X509Certificate[] getAcceptedIssuers() {
            return new X509Certificate[0];
        }
    }
}
