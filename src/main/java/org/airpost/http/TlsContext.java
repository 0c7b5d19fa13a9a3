package org.airpost.http;

import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslContextBuilder;
import io.netty.handler.ssl.SslProvider;
import java.io.IOException;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** TLS 1.2 and 1.3 with the certificate of the day: new connections get a changed one without a restart. */
public final class TlsContext {

    private static final Logger LOG = LoggerFactory.getLogger(TlsContext.class);

    private final Certificates certificates;

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
        this.certificates = certificates;
        fingerprint = certificates.fingerprint();
        current = context(certificates.load());
        fingerprint = certificates.fingerprint();
    }

    /**
     * Takes the certificate again if its files have changed or it is due for renewal. If what is there cannot be used the
     * old one stays, and the log says why. True if there is a new one.
     */
    public boolean reload() {
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
        } catch (IOException e) {
            LOG.warn(
                    "certificate not reloaded, the old one stays directory={} why=\"{}\"",
                    certificates.directory(),
                    e.getMessage());
            return false;
        } finally {
            reloading.unlock();
        }
    }

    /** For the next connection. */
    SslContext current() {
        return current;
    }

    private static SslContext context(Certificates.Identity identity) throws IOException {
        try {
            return SslContextBuilder.forServer(identity.key(), identity.chain())
                    .sslProvider(SslProvider.JDK)
                    .protocols("TLSv1.3", "TLSv1.2")
                    .build();
        } catch (IllegalArgumentException | IOException e) {
            throw new IOException("the certificate cannot be used: " + e.getMessage(), e);
        }
    }
}
