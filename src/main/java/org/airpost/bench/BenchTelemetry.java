package org.airpost.bench;

import java.io.ByteArrayOutputStream;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.airpost.device.ClientQuirks;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine;
import org.airpost.http.Observer.Asked;
import org.airpost.http.Observer.Body;
import org.airpost.http.Observer.Told;
import org.airpost.telemetry.Telemetry;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** What it costs to be seen: of each request what is counted and kept, and what Prometheus reads. */
@Command(
        name = "telemetry",
        description =
                "Measures the processor time that counting and keeping an exchange takes, and a reading of /metrics.",
        mixinStandardHelpOptions = true)
public final class BenchTelemetry implements Callable<Integer> {

    private static final String WBXML = "application/vnd.ms-sync.wbxml";
    private static final int ROUNDS = 5;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--exchanges", defaultValue = "500000", description = "in a round; ${DEFAULT-VALUE}")
    private int exchanges = 500_000;

    @Option(names = "--devices", defaultValue = "20000", description = "${DEFAULT-VALUE}")
    private int devices = 20_000;

    @Override
    public Integer call() {
        var out = spec.commandLine().getOut();
        out.println(Stage.machine());
        var telemetry = new Telemetry(ClientQuirks.builtIn(), InstantSource.system());
        var request = new Body(document(1), document(1).length, WBXML);
        var answer = new Body(document(40), document(40).length, WBXML);
        var told = new Told(200, "", answer, answer.size(), Duration.ofMillis(12), Duration.ZERO);
        for (int round = -1; round < ROUNDS; round++) {
            long began = processor();
            for (int i = 0; i < exchanges; i++) {
                telemetry.answered(asked(i, request), told).written(true, Optional.of(Duration.ofMillis(4)));
            }
            double each = (processor() - began) / 1_000.0 / exchanges;
            began = processor();
            int bytes = telemetry.metrics().text().length;
            double reading = (processor() - began) / 1e6;
            out.printf(
                    "%-8s an exchange %.2f µs; a reading of /metrics %.1f ms, %,d bytes%n",
                    round < 0 ? "warm-up" : "run " + (round + 1), each, reading, bytes);
            out.flush();
        }
        return 0;
    }

    /** Processor time of this thread: what others do on the machine is no cost of ours. */
    private static long processor() {
        return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
    }

    private Asked asked(int number, Body body) {
        return new Asked(
                "id" + number,
                Instant.EPOCH,
                "192.0.2.1",
                "user" + number % devices,
                Optional.of(new RequestLine(
                        CommandName.SYNC,
                        ProtocolVersion.V16_1,
                        "D" + number % devices,
                        "iPhone",
                        Optional.empty(),
                        "user",
                        Map.of(),
                        false,
                        false)),
                "Apple-iPhone14C2/2205.254",
                body);
    }

    /** As a Sync is that tells so many changes of flags. */
    private static byte[] document(int changes) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(AirSync.SYNC).start(AirSync.COLLECTIONS).start(AirSync.COLLECTION);
            out.text(AirSync.SYNC_KEY, "17").text(AirSync.COLLECTION_ID, "5").text(AirSync.STATUS, "1");
            out.start(AirSync.COMMANDS);
            for (int i = 0; i < changes; i++) {
                out.start(AirSync.CHANGE)
                        .text(AirSync.SERVER_ID, "5:" + (1_000 + i))
                        .end();
            }
            out.end().end().end().end();
        }
        return bytes.toByteArray();
    }
}
