package org.airpost.sync;

import java.time.Duration;

/** The model's runs as {@link MutantsTest} starts them, in a class loader that has a broken engine. */
public final class MutantRun implements Runnable {

    private static final int RUNS = 200;

    @Override
    public void run() {
        new ModelRuns(ModelMemory::new, Duration.ZERO).run("memory, broken engine", RUNS);
    }
}
