package org.airpost.cli;

import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.airpost.admin.AdminWords;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.cli.trace.Replay;
import org.airpost.phone.Phone;
import org.airpost.telemetry.TraceFile;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Traces of devices, and their replay. */
@Command(
        name = "trace",
        description =
                "Writes down all that a device says and is answered, without what says something of a person. Alone: lists"
                        + " the traces. Asks the gateway that runs on this machine.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Examples:",
            "  airpost trace start ab12cd34",
            "  airpost trace export ab12cd34 --out phone.trace",
            "  airpost trace replay phone.trace --server https://test.example.org --user test"
        })
final class TraceCommand implements Runnable {

    private static final String DEVICE = "its id, or user/id";

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Mixin
    private ConfigFile config = new ConfigFile();

    TraceCommand(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public void run() {
        var lines = ask("list");
        var out = spec.commandLine().getOut();
        if (lines.isEmpty()) {
            out.println("There is no trace.");
        } else {
            out.println("device  state  since  until  exchanges  bytes");
            lines.forEach(line -> out.println(line.replace("\t", "  ")));
        }
        out.flush();
    }

    @Command(
            name = "start",
            description = "Begins a trace, in the place of the last one.",
            mixinStandardHelpOptions = true)
    int start(
            @Parameters(paramLabel = "DEVICE", description = DEVICE) String device,
            @Option(
                            names = "--for",
                            paramLabel = "TIME",
                            defaultValue = "1h",
                            description = "such as 20m or 2h, a day at most; ${DEFAULT-VALUE}")
                    String time) {
        var out = spec.commandLine().getOut();
        ask("start", device, Long.toString(time(time).toSeconds()))
                .forEach(line -> out.println("%s is traced until %s".formatted(part(line, 0), part(line, 3))));
        out.flush();
        return 0;
    }

    @Command(name = "stop", description = "Ends a trace; what is in it stays.", mixinStandardHelpOptions = true)
    int stop(@Parameters(paramLabel = "DEVICE", description = DEVICE) String device) {
        var out = spec.commandLine().getOut();
        ask("stop", device).forEach(line -> out.println("%s: %s exchanges".formatted(part(line, 0), part(line, 4))));
        out.flush();
        return 0;
    }

    @Command(name = "show", description = "Prints what is in a trace so far.", mixinStandardHelpOptions = true)
    int show(@Parameters(paramLabel = "DEVICE", description = DEVICE) String device) {
        var out = spec.commandLine().getOut();
        ask("text", device).forEach(out::println);
        out.flush();
        return 0;
    }

    @Command(name = "export", description = "Writes a trace into a file.", mixinStandardHelpOptions = true)
    int export(
            @Parameters(paramLabel = "DEVICE", description = DEVICE) String device,
            @Option(names = "--out", required = true, paramLabel = "FILE", description = "where to") Path file)
            throws IOException {
        Files.writeString(file, String.join("\n", ask("text", device)) + "\n");
        spec.commandLine().getOut().println(file + " is written");
        spec.commandLine().getOut().flush();
        return 0;
    }

    @Command(
            name = "replay",
            description =
                    "Says to a test instance what a phone has said, with the keys and ids that the instance gives, and"
                            + " prints which statuses differ. Contents are made up. Never use it on a mailbox that somebody needs: what"
                            + " the phone deleted is deleted.",
            mixinStandardHelpOptions = true,
            footer = {"", "The password comes from AIRPOST_PASSWORD. Exit code 1 if something differs."})
    int replay(
            @Parameters(paramLabel = "FILE", description = "made by airpost trace export") Path file,
            @Option(names = "--server", required = true, paramLabel = "URL", description = "https://host[:port]")
                    URI server,
            @Option(names = "--user", required = true, paramLabel = "NAME", description = "of the test mailbox")
                    String user,
            @Option(
                            names = "--address",
                            paramLabel = "ADDRESS",
                            description = "of the test mailbox, if not the user name")
                    @Nullable
                    String address,
            @Option(names = "--device-id", paramLabel = "ID", defaultValue = "REPLAY", description = "${DEFAULT-VALUE}")
                    String deviceId,
            @Option(
                            names = "--wait",
                            paramLabel = "TIME",
                            defaultValue = "10s",
                            description =
                                    "how long an answer is waited for; what is held longer is hung up; ${DEFAULT-VALUE}")
                    String wait,
            @Option(names = "--send", description = "send mails too, to the test mailbox itself") boolean send,
            @Option(
                            names = "--ca",
                            paramLabel = "FILE",
                            description = "certificates (PEM) to trust instead of Java's own")
                    @Nullable
                    Path authorities,
            @Option(names = "--insecure", description = "do not check the server's certificate") boolean insecure)
            throws IOException {
        var password = Optional.ofNullable(environment.get("AIRPOST_PASSWORD"))
                .orElseThrow(() -> wrong("no password: set AIRPOST_PASSWORD"));
        List<TraceFile.Entry> entries;
        try {
            entries = TraceFile.read(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new Failure("%s: %s".formatted(file, e.getMessage()), e);
        }
        var out = spec.commandLine().getOut();
        var target =
                new Replay.Target(server, user, password, deviceId, address == null ? user : address, time(wait), send);
        Replay.Result result;
        try (var client = Phone.client(trust(authorities, insecure))) {
            result = new Replay(target, client, out::println).run(entries);
            client.shutdownNow();
        }
        out.println("%d as before, %d different, %d left out"
                .formatted(result.same(), result.different(), result.leftOut()));
        out.flush();
        return result.different() == 0 ? 0 : CommandLine.ExitCode.SOFTWARE;
    }

    private static SSLContext trust(@Nullable Path authorities, boolean insecure) {
        if (insecure) {
            return new Tls(new Trust.Any()).context();
        }
        return new Tls(authorities == null ? new Trust.Platform() : new Trust.Authorities(authorities)).context();
    }

    private List<String> ask(String... words) {
        var all = new ArrayList<>(List.of("trace"));
        all.addAll(List.of(words));
        return config.askGateway(environment, AdminWords.encode(all)).lines();
    }

    private static String part(String line, int number) {
        return line.split("\t", -1)[number];
    }

    private Duration time(String text) {
        if (!text.matches("[0-9]{1,5}[smh]")) {
            throw wrong("\"%s\" is no time such as 20m or 2h".formatted(text));
        }
        return Duration.parse("PT" + text.toUpperCase(java.util.Locale.ROOT));
    }

    private CommandLine.ParameterException wrong(String why) {
        return new CommandLine.ParameterException(spec.commandLine(), why);
    }
}
