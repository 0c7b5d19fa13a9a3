package org.airpost.sync;

import java.time.Duration;
import org.junit.jupiter.api.Test;

/**
 * The engine against a model: random operations of two phones and another mail client, with faults between them; here on the
 * mail server in memory, in {@link EngineModelServersTest} on real ones.
 *
 * <p>The build runs the same seeds each time. {@code -Dairpost.model.runs=10000} runs more of them, {@code
 * -Dairpost.model.seed=…} begins elsewhere, and both together repeat one seed alone. A failure prints its seed and a short
 * list of operations that fails too. 2 million operations: {@code ./mvnw -B test -Dtest=EngineModelTest
 * -Dairpost.model.runs=8000}.
 *
 * <p>That it sees something {@link MutantsTest} shows.
 */
class EngineModelTest {

    private static final long RUNS = 800;
    private static final long DRAFT_RUNS = 1_000;
    private static final Duration SHRINKING = Duration.ofSeconds(30);

    @Test
    void phonesComeToHaveWhatTheMailboxHas() {
        new ModelRuns(ModelRuns.on(ModelMemory::new), 2, SHRINKING).run("memory", RUNS);
    }

    /** Nothing is doubled and nothing lost: one draft for each that was written, and each mail sent is delivered once. */
    @Test
    void eachDraftIsThereOnceAndSentOnce() {
        new ModelRuns(_ -> new DraftWorld(), 2, SHRINKING).run("drafts", DRAFT_RUNS);
    }
}
