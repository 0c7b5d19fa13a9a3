package org.airpost.command;

/** An EAS command: reads the request, does it, gives the answer. Blocks as it needs; one object serves all requests. */
public interface Command {

    Answer run(Request request);
}
