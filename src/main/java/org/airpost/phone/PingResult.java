package org.airpost.phone;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * What a Ping answered.
 *
 * @param folders ids of the folders that changed, with Status 2
 * @param heartbeat the bound that was passed, with Status 5
 * @param maxFolders with Status 6
 * @param took from the request to the answer
 */
public record PingResult(
        int status, List<String> folders, Optional<Duration> heartbeat, Optional<Integer> maxFolders, Duration took) {

    public PingResult {
        folders = List.copyOf(folders);
    }

    public boolean changes() {
        return status == 2;
    }
}
