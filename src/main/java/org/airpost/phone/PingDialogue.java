package org.airpost.phone;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.Ping;

/** Ping: held by the server until something happens or the heartbeat ends. Source: MS-ASCMD "Ping". */
final class PingDialogue {

    private static final Duration LONGEST = Duration.ofHours(1);

    private final Wire wire;
    private final Violations violations;

    PingDialogue(Wire wire, Violations violations) {
        this.wire = wire;
        this.violations = violations;
    }

    PingResult ping(List<String> folderIds, Duration heartbeat) {
        var request = Wire.document(out -> {
            out.start(Ping.PING)
                    .text(Ping.HEARTBEAT_INTERVAL, heartbeat.toSeconds())
                    .start(Ping.FOLDERS);
            for (var id : folderIds) {
                out.start(Ping.FOLDER)
                        .text(Ping.ID, id)
                        .text(Ping.CLASS, "Email")
                        .end();
            }
            out.end().end();
        });
        return exchange(request, heartbeat.plus(Wire.PATIENCE));
    }

    /** An empty Ping: what the server remembers. */
    PingResult again() {
        return exchange(new byte[0], LONGEST);
    }

    private PingResult exchange(byte[] request, Duration patience) {
        long start = System.nanoTime();
        var reply = wire.post(Wire.Post.of(CommandName.PING, request).patience(patience));
        var took = Duration.ofNanos(System.nanoTime() - start);
        if (reply.isEmpty()) {
            violations.add("PG-13", "Ping", "an answer without a body");
            return new PingResult(1, List.of(), Optional.empty(), Optional.empty(), took);
        }
        var reading = new Reading();
        Wire.read(CommandName.PING, reply.body(), reading::answer);
        violations.check(
                reading.status != 2 || !reading.folders.isEmpty(), "PG-04", "Ping", "Status 2 without folders");
        violations.check(
                reading.status != 5 || reading.heartbeat.isPresent(), "PG-05", "Ping", "Status 5 without a bound");
        return new PingResult(reading.status, reading.folders, reading.heartbeat, reading.maxFolders, took);
    }

    /** An answer while it is read. */
    private static final class Reading {

        private int status;
        private final List<String> folders = new ArrayList<>();
        private Optional<Duration> heartbeat = Optional.empty();
        private Optional<Integer> maxFolders = Optional.empty();

        void answer(WbxmlReader in) {
            in.root(Ping.PING);
            while (in.child()) {
                switch (in.tag()) {
                    case Ping.STATUS -> status = (int) in.number(0, 10_000);
                    case Ping.HEARTBEAT_INTERVAL ->
                        heartbeat = Optional.of(Duration.ofSeconds(in.number(0, Integer.MAX_VALUE)));
                    case Ping.MAX_FOLDERS -> maxFolders = Optional.of((int) in.number(0, Integer.MAX_VALUE));
                    case Ping.FOLDERS -> {
                        while (in.child()) {
                            folders.add(in.text());
                        }
                    }
                    default -> in.skip();
                }
            }
        }
    }
}
