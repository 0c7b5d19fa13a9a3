package org.airpost.app;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.github.bucket4j.Bucket;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import org.airpost.backend.Credentials;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Submission;
import org.airpost.device.Device;
import org.airpost.device.GateEvents;
import org.airpost.eas.DeviceInformation;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells administrators by mail of devices in quarantine: one mail a device, twenty an hour at most. It is tried once; what could
 * not be sent is in the log, and the device among those that wait in any case.
 */
final class QuarantineMail implements GateEvents {

    private static final Logger LOG = LoggerFactory.getLogger(QuarantineMail.class);
    private static final int AN_HOUR = 20;
    private static final int AT_ONCE = 2;

    private final Submission submission;
    private final Supplier<Optional<Settings>> settings;
    private final Clock clock;
    private final Bucket bucket = Bucket.builder()
            .addLimit(limit -> limit.capacity(AN_HOUR).refillGreedy(AN_HOUR, Duration.ofHours(1)))
            .build();
    private final Semaphore sending = new Semaphore(AT_ONCE);

    /**
     * Who is told.
     *
     * @param from the account that sends; its name is a mail address
     */
    record Settings(List<String> to, Credentials from) {}

    /** Asks each time whom to tell; nobody, perhaps. */
    QuarantineMail(Submission submission, Supplier<Optional<Settings>> settings, Clock clock) {
        this.submission = submission;
        this.settings = settings;
        this.clock = clock;
    }

    @Override
    public void happened(Event event, Device device) {
        if (event != Event.QUARANTINED) {
            return;
        }
        settings.get()
                .filter(_ -> bucket.tryConsume(1))
                .ifPresent(told -> Thread.ofVirtual().name("quarantine mail").start(() -> send(told, device)));
    }

    private void send(Settings told, Device device) {
        sending.acquireUninterruptibly();
        try {
            var from = told.from().user();
            var how = submission.submit(told.from(), from, told.to(), MessageSource.of(message(told, device)));
            if (!(how instanceof Submission.Submitted.Taken)) {
                LOG.warn(
                        "mail of a quarantined device not sent device={} reason={}",
                        device.key().path(),
                        how);
            }
        } catch (RuntimeException e) {
            LOG.warn(
                    "mail of a quarantined device not sent device={} reason={}",
                    device.key().path(),
                    e.toString());
        } finally {
            sending.release();
        }
    }

    private byte[] message(Settings told, Device device) {
        var from = told.from().user();
        var domain = from.substring(from.lastIndexOf('@') + 1);
        return """
                From: Airpost <%s>
                To: %s
                Subject: A device waits to be admitted: %s
                Date: %s
                Message-ID: <quarantine.%s.%d@%s>
                Auto-Submitted: auto-generated
                MIME-Version: 1.0
                Content-Type: text/plain; charset=utf-8
                Content-Transfer-Encoding: 8bit

                User:    %s
                Device:  %s (%s)
                ID:      %s
                System:  %s
                Client:  %s
                Address: %s
                Reason:  %s

                Admit it:   airpost device allow %s
                Keep it out: airpost device block %s
                """.formatted(
                        from,
                        String.join(", ", told.to()),
                        device.key().deviceId(),
                        DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                clock.instant().atOffset(ZoneOffset.UTC)),
                        device.key().deviceId(),
                        clock.millis(),
                        domain,
                        line(device.key().user()),
                        line(device.title()),
                        line(device.deviceType()),
                        device.key().deviceId(),
                        line(device.information()
                                .get(DeviceInformation.Field.OS)
                                .orElse("-")),
                        line(device.userAgent()),
                        device.address(),
                        line(device.admission().reason()),
                        device.key().path(),
                        device.key().path())
                .replace("\n", "\r\n")
                .getBytes(UTF_8);
    }

    /** What a device says is one line of text, and in the body of the message alone. */
    private static String line(String text) {
        return text.replaceAll("\\p{Cntrl}", " ").strip();
    }
}
