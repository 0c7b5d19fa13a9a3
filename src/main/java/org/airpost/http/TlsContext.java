package org.airpost.http;

import io.netty.handler.ssl.ClientAuth;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Optional;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS 1.2 and 1.3 with the certificate of the day: new connections get a changed one without a restart. */
public final class TlsContext {

    private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);

    private final Certificates certificates;
    private final Optional<X509Certificate> clients;

    /** Held while certificate files are read, so that two reloads do not mix. */
    private final ReentrantLock reloading = new ReentrantLock();

    private String fingerprint;
    private volatile SslContext current;

    /**
     * Reads the certificate, or makes one.
     *
     * @throws IOException if files cannot be read or written, or do not fit together; the message says which and why
     */
    public TlsContext(Certificates certificates) throws IOException {
        this(certificates, Optional.empty());
    }

    /**
     * The same, and asks for a certificate of the device.
     *
     * @param clients whose certificates are asked for; a device without one comes in all the same
     */
    public TlsContext(Certificates certificates, Optional<X509Certificate> clients) throws IOException {
        this.certificates = certificates;
        this.clients = clients;
        fingerprint = certificates.fingerprint();
        current = context(certificates.load());
        fingerprint = certificates.fingerprint();
    }

    /**
     * Takes the certificate again if its files have changed or it is due for renewal. If what is there cannot be used the
     * old one stays, and the log says why. True if there is a new one.
     */
    public boolean reload() {
        try {
            return renew();
        } catch (IOException e) {
            LOG.warn(
                    "certificate not reloaded, the old one stays directory={} why=\"{}\"",
                    certificates.directory(),
                    e.getMessage());
            return false;
        }
    }

    /**
     * The same for somebody who waits to hear what came of it.
     *
     * @throws IOException if what is there cannot be used: the message says why, and the old one stays
     */
    public boolean renew() throws IOException {
        reloading.lock();
        try {
            var now = certificates.fingerprint();
            if (now.equals(fingerprint) && !certificates.isRenewalDue()) {
                return false;
            }
            current = context(certificates.load());
            fingerprint = certificates.fingerprint();
            LOG.info("certificate reloaded directory={}", certificates.directory());
            return true;
        } finally {
            reloading.unlock();
        }
    }

    /** For the next connection. */
    SslContext current() {
        return current;
    }

    private SslContext context(Certificates.Identity identity) throws IOException {
        try {
            var builder = SslContextBuilder.forServer(identity.key(), identity.chain())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2");
            clients.ifPresent(authority -> builder.trustManager(authority).clientAuth(ClientAuth.OPTIONAL));
            return builder.build();
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException("the certificate cannot be used: " + e.getMessage(), e);
        }
    }
}
