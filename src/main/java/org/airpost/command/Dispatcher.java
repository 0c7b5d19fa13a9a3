package org.airpost.command;

/**
 * Runs the command of a request: asks the device gate, finds the command, and turns the exceptions that cross rooms into
 * answers.
 */
public final class Dispatcher {

    /** The answer to a request; never throws but for a bug. */
    public Answer dispatch(Request request) {
        throw new UnsupportedOperationException();
    }
}
