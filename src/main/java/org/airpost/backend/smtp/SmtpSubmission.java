package org.airpost.backend.smtp;

import jakarta.mail.MessagingException;
import jakarta.mail.Session;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Properties;
import org.airpost.backend.Credentials;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Security;
import org.airpost.backend.ServerMeter;
import org.airpost.backend.Submission;
import org.airpost.backend.Tls;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands mail over to one SMTP server, with a connection for each message. Source: RFC 5321; RFC 6409. */
public final class SmtpSubmission implements Submission {

    private static final Logger log = LoggerFactory.getLogger(SmtpSubmission.class);

    private final SmtpSettings settings;
    private final ServerMeter meter;
    private final Tls tls;
    private volatile long mostBytes;
    private volatile boolean chunks = true;

    /** A submission with these settings. A CA file that cannot be read is an IllegalArgumentException that names it. */
    public SmtpSubmission(SmtpSettings settings) {
        this(settings, ServerMeter.NONE);
    }

    /** The same; the meter is told how it goes. */
    public SmtpSubmission(SmtpSettings settings, ServerMeter meter) {
        this.settings = settings;
        this.meter = meter;
        this.tls = new Tls(settings.trust());
    }

    @Override
    public OptionalLong mostBytes(Credentials credentials) {
        return mostBytes > 0 ? OptionalLong.of(mostBytes) : OptionalLong.empty();
    }

    @Override
    public Submitted submit(Credentials credentials, String from, List<String> recipients, MessageSource message) {
        return submit(credentials, from, recipients, message, () -> {});
    }

    @Override
    public Submitted submit(
            Credentials credentials, String from, List<String> recipients, MessageSource message, Runnable lastByte) {
        if (recipients.isEmpty()) {
            throw new IllegalArgumentException("no recipient");
        }
        try {
            return submit(credentials, from, recipients, message, chunks, lastByte);
        } catch (SmtpSession.NoChunksException e) {
            log.warn(
                    "smtp chunking refused server={} problem=\"{}\"; mail goes to it by DATA from now on",
                    settings.host(),
                    e.getMessage());
            chunks = false;
        }
        try {
            return submit(credentials, from, recipients, message, false, lastByte);
        } catch (SmtpSession.NoChunksException e) {
            throw new AssertionError("chunks where there are none", e);
        }
    }

    private Submitted submit(
            Credentials credentials,
            String from,
            List<String> recipients,
            MessageSource message,
            boolean inChunks,
            Runnable lastByte)
            throws SmtpSession.NoChunksException {
        var sockets = new Sockets(tls.factory(), settings.replyTimeout());
        var connection = new SmtpSession(
                Session.getInstance(properties(settings, tls, sockets)), sockets, settings.finalTimeout());
        try {
            var problem = connect(connection, credentials);
            mostBytes = connection.mostBytes().orElse(mostBytes);
            return problem.isPresent() ? problem.get() : connection.send(from, recipients, message, inChunks, lastByte);
        } finally {
            close(connection);
        }
    }

    private Optional<Submitted> connect(SmtpSession connection, Credentials credentials) {
        try {
            connection.connect(settings.host(), settings.port(), null, null);
            meter.reached();
        } catch (MessagingException e) {
            log.warn(
                    "smtp connection failed server={} port={} problem=\"{}\"; is the server there, and its certificate good?",
                    settings.host(),
                    settings.port(),
                    words(e));
            meter.failed(words(e));
            return Optional.of(new Submitted.Deferred(words(e)));
        }
        if (!settings.authenticate()) {
            return Optional.empty();
        }
        var reply = connection.signIn(credentials, settings.security() != Security.PLAIN);
        if (reply.isGood()) {
            return Optional.empty();
        }
        log.warn("smtp sign-in refused server={} code={}", settings.host(), reply.code());
        return Optional.of(
                reply.isPermanent()
                        ? new Submitted.Rejected(Outcome.Refusal.NO_PERMISSION, reply.words())
                        : new Submitted.Deferred(reply.words()));
    }

    private static void close(SmtpSession connection) {
        try {
            connection.close();
        } catch (MessagingException e) {
            // What was to be said is said, and the socket is closed either way.
            log.debug("smtp close problem=\"{}\"", words(e));
        }
    }

    private static String words(MessagingException e) {
        return Optional.ofNullable(e.getMessage())
                .orElse(e.getClass().getSimpleName())
                .strip();
    }

    private static Properties properties(SmtpSettings settings, Tls believed, Sockets sockets) {
        var properties = new Properties();
        properties.put(
                "mail.smtp.connectiontimeout",
                String.valueOf(settings.connectTimeout().toMillis()));
        properties.put(
                "mail.smtp.timeout", String.valueOf(settings.replyTimeout().toMillis()));
        properties.put("mail.smtp.localhost", settings.helloName());
        properties.put("mail.smtp.auth", "false"); // SignIn does that
        properties.put("mail.smtp.quitwait", "false");
        properties.put("mail.mime.allowutf8", "true");
        boolean tls = settings.security() == Security.TLS;
        boolean startTls = settings.security() == Security.STARTTLS;
        if (tls) { // Angus makes the socket below the TLS; the others have their limit from Sockets
            properties.put(
                    "mail.smtp.writetimeout",
                    String.valueOf(settings.replyTimeout().toMillis()));
        }
        properties.put("mail.smtp.ssl.enable", String.valueOf(tls));
        properties.put("mail.smtp.starttls.enable", String.valueOf(startTls));
        properties.put("mail.smtp.starttls.required", String.valueOf(startTls));
        properties.put("mail.smtp.ssl.checkserveridentity", String.valueOf(believed.checksHost()));
        properties.put("mail.smtp.socketFactory", sockets.plain());
        properties.put("mail.smtp.socketFactory.fallback", "false");
        properties.put("mail.smtp.ssl.socketFactory", sockets.tls());
        return properties;
    }
}
