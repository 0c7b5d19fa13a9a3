package org.airpost.sync;

/** One run of a model: steps, and then what must hold when all is calm. */
interface ModelRun extends AutoCloseable {

    /** Does a step; AssertionError if something is wrong after it. */
    void step(ModelWorld.Op op);

    /** With all faults over, everybody comes to have the same. */
    void catchUp();

    /** What an operation does here, for people. */
    String words(ModelWorld.Op op);

    @Override
    default void close() {}
}
