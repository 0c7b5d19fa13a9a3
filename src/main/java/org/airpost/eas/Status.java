package org.airpost.eas;

/** An EAS status: the number on the wire and what it says in words. Each command has its own table, an enum. */
public interface Status {

    int code();

    String meaning();
}
