package org.airpost.admin;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.airpost.admin.Audit.Filter;
import org.airpost.identity.Argon2;
import org.airpost.store.Store;
import org.airpost.store.memory.MemoryStore;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ApiTokensTest {

    private static final Actor ROOT = Actor.ofSocket("root");
    private static final Actor ADA = new Actor("ada", Role.ADMIN, "192.0.2.1");
    private static final String FROM = "192.0.2.2";

    private final AtomicReference<Instant> now = new AtomicReference<>(Instant.parse("2026-11-26T10:00:00Z"));
    private final SecureRandom random = new SecureRandom();
    private final MemoryStore store = new MemoryStore(now::get);
    private final Audit audit = new Audit(store, Audit.Settings.USUAL, now::get);
    private final AdminAccounts accounts = new AdminAccounts(store, audit, new Argon2(random), true, now::get, random);
    private final ApiTokens tokens = new ApiTokens(store, audit, accounts, now::get, random);

    @BeforeEach
    void employ() {
        add("ada");
    }

    private void add(String name) {
        assertThat(accounts.add(ROOT, name, Role.ADMIN).isDone()).isTrue();
        now.updateAndGet(before -> before.plusMillis(1));
    }

    private String made(Actor maker) {
        return done(tokens.add(maker, "backup", Role.AUDITOR, Duration.ofDays(30)));
    }

    private static <T> T done(Result<T> result) {
        if (result instanceof Result.Done<T>(var value)) {
            return value;
        }
        throw new AssertionError(result);
    }

    private List<Audit.Entry> refusals() {
        var filter = new Filter(
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.of("token.refused"),
                Optional.empty(),
                Optional.empty());
        return done(audit.page(ROOT, filter, Optional.empty(), 100)).entries();
    }

    @Test
    void aTokenIsGoodWhileItsMakerIsAnAdmin() {
        var token = made(ADA);
        accounts.reset(ROOT, "ada");
        assertThat(tokens.actor(token, FROM)).contains(new Actor("token:backup", Role.AUDITOR, FROM));
        assertThat(refusals()).isEmpty();
    }

    @Test
    void oneOfAMakerWhoIsGoneIsRefusedAndTheAuditLogSaysItOnce() {
        var token = made(ADA);
        accounts.remove(ROOT, "ada");
        assertThat(done(tokens.list(ROOT)))
                .singleElement()
                .satisfies(known -> assertThat(known.accepted()).isFalse());
        for (int tries = 0; tries < 3; tries++) {
            assertThat(tokens.actor(token, FROM)).isEmpty();
        }
        assertThat(refusals()).singleElement().satisfies(entry -> {
            assertThat(entry.actor()).isEqualTo("token:backup");
            assertThat(entry.from()).isEqualTo(FROM);
            assertThat(entry.subject().thing()).isEqualTo(token.split("_", -1)[1]);
            assertThat(entry.done()).isFalse();
            assertThat(entry.words()).contains("ada");
        });
        assertThat(done(tokens.list(ROOT))).isEmpty();
    }

    @Test
    void whoIsMadeAnewUnderThatNameIsSomebodyElse() {
        var token = made(ADA);
        accounts.remove(ROOT, "ada");
        add("ada");
        assertThat(tokens.actor(token, FROM)).isEmpty();
        assertThat(tokens.actor(made(ADA), FROM)).isPresent();
    }

    @Test
    void whoMayNotMakeTokensAnyMoreHasNone() {
        var token = made(ADA);
        accounts.setRole(ROOT, "ada", Role.AUDITOR);
        assertThat(tokens.actor(token, FROM)).isEmpty();
        assertThat(refusals()).hasSize(1);
    }

    @Test
    void whoIsRemovedInThisMomentMakesNone() {
        accounts.remove(ROOT, "ada");
        assertThat(tokens.add(ADA, "backup", Role.AUDITOR, Duration.ofDays(30)).isDone())
                .isFalse();
        assertThat(done(tokens.list(ROOT))).isEmpty();
    }

    @Test
    void thoseOfTheCommandLineAreNobodys() {
        var token = made(ROOT);
        accounts.remove(ROOT, "ada");
        assertThat(tokens.actor(token, FROM)).isPresent();
        assertThat(done(tokens.list(ROOT)))
                .singleElement()
                .satisfies(known -> assertThat(known.maker()).isEmpty());
    }

    /** Nobody has written down who made it. */
    @Test
    void oneOfTheFirstFormatIsRead() throws IOException {
        var bytes = new ByteArrayOutputStream();
        var out = new DataOutputStream(bytes);
        out.writeByte(1);
        out.writeUTF("0123456789ab");
        out.writeUTF("old");
        out.writeUTF("HELPDESK");
        out.writeLong(Instant.parse("2026-11-26T10:00:00Z").toEpochMilli());
        out.writeLong(Instant.parse("2026-11-27T10:00:00Z").toEpochMilli());
        var hash = AdminAccounts.hash("secret");
        out.writeByte(hash.length);
        out.write(hash);
        store.put("admin/token/0123456789ab", bytes.toByteArray(), Store.ABSENT);
        assertThat(tokens.actor("airpost_0123456789ab_secret", FROM))
                .contains(new Actor("token:old", Role.HELPDESK, FROM));
        assertThat(tokens.actor("airpost_0123456789ab_other", FROM)).isEmpty();
    }
}
