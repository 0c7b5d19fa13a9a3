package org.airpost.sync;

import java.time.Duration;

/** The same as {@link MutantRun} for the model of sending. */
public final class MutantSendRun implements Runnable {

    private static final int RUNS = 40;

    @Override
    public void run() {
        var counts = new SendCounts();
        new ModelRuns(seed -> new SendWorld(seed, counts), 2, Duration.ZERO).run("sends, broken engine", RUNS);
    }
}
