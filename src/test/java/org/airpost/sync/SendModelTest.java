package org.airpost.sync;

import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Sending against a model: some 10,000 random mails of two phones of different versions, with lost answers, repeats, failures
 * and kills at any point, each delivered once and kept once; how often the one window that is left was met is printed.
 *
 * <p>{@code -Dairpost.model.runs} and {@code -Dairpost.model.seed} as in {@link EngineModelTest}: a failure prints what
 * repeats it. That it sees something {@link MutantsTest} shows.
 */
@Timeout(value = 5, unit = TimeUnit.MINUTES)
class SendModelTest {

    private static final long RUNS = 110;
    private static final Duration SHRINKING = Duration.ofSeconds(30);

    @Test
    void eachMailIsDeliveredOnceAndKeptOnce() {
        var counts = new SendCounts();
        new ModelRuns(seed -> new SendWorld(seed, counts), 2, SHRINKING).run("sends", RUNS);
        System.out.println("sends: " + counts);
    }
}
