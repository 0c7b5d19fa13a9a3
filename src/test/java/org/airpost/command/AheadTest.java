package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.eas.MailLimits;
import org.airpost.eas.ProtocolVersion;
import org.airpost.sync.Folder;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** A mail server that is slow while mail is read ahead costs a request one wait, and none that it has no time for. */
@Timeout(value = 30, unit = TimeUnit.SECONDS)
class AheadTest {

    private static final Duration LONG = Duration.ofMinutes(1);

    private final CountDownLatch answers = new CountDownLatch(1);
    private final ReadAhead readAhead = new ReadAhead(10, 1);
    private final ReadAhead.Key key = new ReadAhead.Key(
            new DeviceKey("ann", "d1"),
            new FakeMail(),
            new Folder("1", "0", "Inbox", FolderType.INBOX, "INBOX", true),
            1,
            BodyOptions.DEFAULT,
            ProtocolVersion.V16_1,
            MailLimits.NONE);
    private ReadAhead.Ahead ahead = readAhead.take(key);

    @BeforeEach
    void begins() {
        begin(key);
        ahead = readAhead.take(key);
        assertThat(ahead.mayHave(1)).isTrue();
    }

    private void begin(ReadAhead.Key whose) {
        readAhead.begin(whose, List.of(3L, 2L, 1L), readAhead.take(whose), 1 << 20, this::slowly);
    }

    private MailConverter.Fetched slowly(List<Long> uids) {
        try {
            answers.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new BackendUnavailableException("slow, and then away", Duration.ofSeconds(1));
    }

    @AfterEach
    void ends() {
        answers.countDown();
    }

    @Test
    void whoHasNoTimeDoesNotWait() {
        assertThat(ahead.has(3, Duration.ZERO)).isFalse();
        assertThat(ahead.has(2, Duration.ofSeconds(-5))).isFalse();
    }

    /** The others would each cost as much, and be asked for one by one meanwhile. */
    @Test
    void whoHasWaitedInVainMakesTheRestAtOnce() {
        assertThat(ahead.has(3, Duration.ofMillis(50))).isFalse();
        assertThat(ahead.mayHave(2)).isFalse();
        assertThat(ahead.has(2, LONG)).as("without a wait").isFalse();
    }

    @Test
    void whoWaitsIsToldThatNothingComes() {
        answers.countDown();
        assertThat(ahead.has(3, LONG)).isFalse();
        assertThat(ahead.mayHave(1)).isFalse();
    }

    @Test
    void whatIsAtItAlreadyIsNotBegunOnceMore() {
        begin(key);
        assertThat(readAhead.take(key).mayHave(1))
                .as("there is one thread, and it is at work")
                .isFalse();
    }
}
