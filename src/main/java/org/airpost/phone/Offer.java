package org.airpost.phone;

import java.util.List;

/** What OPTIONS says: versions ascending, and command names. Source: MS-ASHTTP "HTTP OPTIONS Response". */
public record Offer(List<String> versions, List<String> commands, String server) {

    public Offer {
        versions = List.copyOf(versions);
        commands = List.copyOf(commands);
    }
}
