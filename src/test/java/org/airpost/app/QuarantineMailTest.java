package org.airpost.app;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Credentials;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;
import org.airpost.device.Device;
import org.airpost.device.Devices;
import org.airpost.device.GateEvents.Event;
import org.airpost.eas.DeviceInformation;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.ProtocolVersion;
import org.airpost.store.memory.MemoryStore;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;

class QuarantineMailTest {

    private final MemorySubmission submission = new MemorySubmission(new MemoryMail(InstantSource.system()));
    private final QuarantineMail mail = new QuarantineMail(
            submission,
            () -> Optional.of(new QuarantineMail.Settings(
                    List.of("admin@example.org", "help@example.org"), new Credentials("gate@example.org", "secret"))),
            Clock.systemUTC());

    private static Device device(String model) {
        var key = new DeviceKey("anna", "4f3c1a");
        var devices = new Devices(new MemoryStore(InstantSource.system()), () -> Instant.EPOCH);
        devices.seen(key, "iPhone", "Apple-iPhone", ProtocolVersion.V16_1, "192.0.2.7");
        return devices.update(
                key,
                known -> known.withInformation(new DeviceInformation(Map.of(DeviceInformation.Field.MODEL, model))));
    }

    @Test
    void administratorsGetOneMailThatSaysHowToAdmitIt() {
        mail.happened(Event.WIPE_DONE, device("iPhone"));
        mail.happened(Event.QUARANTINED, device("iPhone Ü\r\nBcc: eve@example.org"));

        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> submission.sent().size() == 1);
        var sent = submission.sent().getFirst();
        assertThat(sent.user()).isEqualTo("gate@example.org");
        assertThat(sent.recipients()).containsExactly("admin@example.org", "help@example.org");
        var text = new String(sent.message(), UTF_8);
        assertThat(text)
                .contains("airpost device allow anna/4f3c1a\r\n", "192.0.2.7", "iPhone Ü  Bcc: eve@example.org")
                .doesNotContain("\nBcc");
        assertThat(text.replace("\r\n", ""))
                .as("bare line ends")
                .doesNotContain("\n")
                .doesNotContain("\r");
    }

    @Test
    void noMoreThanTwentyAnHour() {
        for (int i = 0; i < 50; i++) {
            mail.happened(Event.QUARANTINED, device("iPhone"));
        }
        Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> submission.sent().size() >= 20);
        assertThat(submission.sent().size()).isLessThanOrEqualTo(21);
    }
}
