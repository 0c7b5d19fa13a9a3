package org.airpost.identity;

import java.time.Duration;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.BackendUnavailableException;
import org.bouncycastle.crypto.generators.Argon2BytesGenerator;
import org.bouncycastle.crypto.params.Argon2Parameters;

/**
 * Argon2id. It takes time and memory by design, so only some run at the same time; others wait in turn, not for long.
 * Source: RFC 9106.
 */
final class Argon2 {

    /** What it costs: 19 MiB and two passes, as OWASP's cheat sheet on password storage recommends for one lane. */
    static final Cost USUAL = new Cost(19 << 10, 2, 1);

    private static final Duration LONGEST_WAIT = Duration.ofSeconds(8);
    private static final int BYTES = 32;

    private final Semaphore turns =
            new Semaphore(Math.max(1, Runtime.getRuntime().availableProcessors() / 2), true);

    /** Memory in KiB, passes over it, and lanes. */
    record Cost(int memory, int passes, int lanes) {}

    byte[] hash(String password, byte[] salt, Cost cost) {
        enter();
        try {
            var generator = new Argon2BytesGenerator();
            generator.init(new Argon2Parameters.Builder(Argon2Parameters.ARGON2_id)
                    .withVersion(Argon2Parameters.ARGON2_VERSION_13)
                    .withMemoryAsKB(cost.memory())
                    .withIterations(cost.passes())
                    .withParallelism(cost.lanes())
                    .withSalt(salt)
                    .build());
            var hash = new byte[BYTES];
            generator.generateBytes(password.toCharArray(), hash);
            return hash;
        } finally {
            turns.release();
        }
    }

    private void enter() {
        try {
            if (turns.tryAcquire(LONGEST_WAIT.toMillis(), TimeUnit.MILLISECONDS)) {
                return;
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        throw new BackendUnavailableException(
                "too many app passwords are checked at the same time", Duration.ofSeconds(20));
    }
}
