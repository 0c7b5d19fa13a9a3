package org.airpost;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.airpost.backend.imap.HostileImap;
import org.airpost.eas.BodyType;
import org.airpost.phone.Item;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is made before the phone asks for it is told as the mailbox is when it asks. */
@Timeout(value = 60, unit = TimeUnit.SECONDS)
class ReadAheadTest {

    private static final String USER = HostileGateway.USER;
    private static final int ALL = 60;
    private static final int WINDOW = 20;
    private static final SyncRequest ASKED =
            SyncRequest.PLAIN.withWindowSize(WINDOW).withBody(BodyType.PLAIN_TEXT, 4096);

    /** Answers with the text of messages that the server has given, and whether it gives no more. */
    private final AtomicInteger given = new AtomicInteger();

    private final AtomicBoolean refuses = new AtomicBoolean();

    private HostileGateway there;
    private Phone phone;
    private String inbox;

    @BeforeEach
    void syncsTheFirstWindow() throws Exception {
        var imap = HostileImap.with(HostileImap.ALL);
        IntStream.rangeClosed(1, ALL).forEach(n -> imap.mailboxes().append(USER, "INBOX", "mail " + n));
        there = HostileGateway.start(imap);
        phone = there.phone();
        there.patiently(phone::provision);
        there.patiently(phone::folderSync);
        inbox = there.inbox();
        imap.lie("UID FETCH .*BODY.PEEK\\[TEXT\\].*", Long.MAX_VALUE, honest -> {
            if (refuses.get()) {
                return "%T NO not now\r\n";
            }
            given.incrementAndGet();
            return honest;
        });
        there.patiently(() -> phone.sync(inbox, ASKED));
        there.patiently(() -> phone.sync(inbox, ASKED));
        assertThat(phone.replica(inbox).items()).hasSize(WINDOW);
        // One answer for what was told, and at least one for what comes next.
        await().atMost(Duration.ofSeconds(20)).until(() -> given.get() >= 2);
    }

    @AfterEach
    void stop() {
        there.close();
    }

    private Item item(long uid) {
        return phone.replica(inbox).all().stream()
                .filter(item -> item.serverId().endsWith(":" + uid))
                .findFirst()
                .orElseThrow();
    }

    @Test
    void theServerIsNotNeededForTheNextWindow() {
        refuses.set(true);
        var answer = there.patiently(() -> phone.sync(inbox, ASKED));
        assertThat(answer.succeeded()).isTrue();
        assertThat(answer.added()).hasSize(WINDOW);
        assertThat(phone.replica(inbox).all())
                .allMatch(item -> new String(
                                item.body().orElseThrow().data().orElseThrow(), java.nio.charset.StandardCharsets.UTF_8)
                        .contains("Text of"));
        refuses.set(false);
        there.catchUp();
        there.isWhole();
    }

    @Test
    void whatHappensMeanwhileIsTold() {
        var mailboxes = there.imap.mailboxes();
        mailboxes.expunge(USER, "INBOX", ALL - WINDOW - 3);
        mailboxes.flag(USER, "INBOX", ALL - WINDOW - 4, "\\Seen", true);
        long fresh = mailboxes.append(USER, "INBOX", "new");
        var answer = there.patiently(() -> phone.sync(inbox, ASKED));
        assertThat(answer.added()).hasSize(WINDOW).contains(inbox + ":" + fresh);
        assertThat(item(ALL - WINDOW - 4).read()).isTrue();
        assertThat(item(ALL - WINDOW - 5).read()).isFalse();
        there.catchUp();
        there.isWhole();
    }

    @Test
    void whoAsksForOtherBodiesGetsThose() {
        var answer = there.patiently(() -> phone.sync(inbox, ASKED.withBody(BodyType.HTML, 4096)));
        assertThat(answer.added()).hasSize(WINDOW);
        assertThat(item(ALL - WINDOW).body().orElseThrow().type()).isEqualTo(BodyType.HTML.code());
        there.catchUp();
        there.isWhole();
    }

    @Test
    void aLostAnswerIsRepeated() {
        phone.syncAndLoseTheAnswer(inbox, ASKED);
        var answer = there.patiently(() -> phone.sync(inbox, ASKED));
        assertThat(answer.added()).hasSize(WINDOW).contains(inbox + ":" + (ALL - WINDOW));
        there.catchUp();
        there.isWhole();
    }
}
