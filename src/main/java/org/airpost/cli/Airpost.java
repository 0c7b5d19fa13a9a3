package org.airpost.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Map;
import java.util.Optional;
import org.airpost.bench.Bench;
import org.airpost.bench.BenchAttachment;
import org.airpost.bench.BenchBig;
import org.airpost.bench.BenchConvert;
import org.airpost.bench.BenchPush;
import org.airpost.bench.BenchSearch;
import org.airpost.bench.BenchStart;
import org.airpost.bench.BenchSync;
import org.airpost.bench.BenchTelemetry;
import org.airpost.bench.BenchWaiting;
import org.airpost.cli.check.Network;
import org.airpost.config.ConfigException;
import org.airpost.phone.PhoneException;
import org.airpost.store.StoreException;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** The program: finds the command and runs it. */
@Command(
        name = "airpost",
        description = "An Exchange ActiveSync gateway for IMAP and SMTP servers.",
        mixinStandardHelpOptions = true,
        versionProvider = Airpost.Version.class,
        footer = {
            "",
            "Examples:",
            "  airpost demo                    everything in one process, with sample mail and a phone",
            "  airpost serve                   the gateway, by conf/airpost.conf",
            "  airpost check anna@example.org  what is wrong with a server, seen from a phone",
            "  airpost devices                 which there are, and which wait to be admitted",
            "  airpost admin add anna --role admin",
            "  airpost broken                  messages that phones got a placeholder for",
            "  airpost explain DEVICE          what it is with a phone, and the cure",
            "  airpost render MAILS            mails as phones get them, as a page to look at",
            "  airpost config                  every option with its default",
            "  airpost phone --server https://mail.example.org --user alice folders",
            "",
            "Exit codes: 0 well, 1 it did not work, 2 wrong usage."
        })
public final class Airpost implements Runnable {

    @Spec
    private CommandSpec spec;

    private Airpost() {
        this.spec = CommandSpec.create(); // replaced by picocli before anything runs
    }

    @Override
    public void run() {
        throw new CommandLine.ParameterException(spec.commandLine(), "Which command? See airpost --help.");
    }

    /** The exit code is that of the command. */
    public static void main(String[] arguments) {
        // New keys for a connection cost us more than who asks for them; no phone does. Java reads this once.
        System.setProperty("jdk.tls.rejectClientInitiatedRenegotiation", "true");
        System.exit(commandLine(System.getenv()).execute(arguments));
    }

    /** All commands, with an environment to take passwords and options from. */
    static CommandLine commandLine(Map<String, String> environment) {
        var bench = new CommandLine(new Bench())
                .addSubcommand("start", new BenchStart(Airpost.class, Serve.READY))
                .addSubcommand("attachment", new BenchAttachment())
                .addSubcommand("search", new BenchSearch())
                .addSubcommand("sync", new BenchSync())
                .addSubcommand("push", new BenchPush())
                .addSubcommand("convert", new BenchConvert())
                .addSubcommand("waiting", new BenchWaiting())
                .addSubcommand("big", new BenchBig())
                .addSubcommand("telemetry", new BenchTelemetry());
        return new CommandLine(new Airpost())
                .addSubcommand("demo", new Demo(environment))
                .addSubcommand("serve", new Serve(environment))
                .addSubcommand("phone", new PhoneCommand(environment))
                .addSubcommand("check", new CheckCommand(environment, Network.ofThisMachine()))
                .addSubcommand("admin", new AdminCommand(environment))
                .addSubcommand("broken", new BrokenCommand(environment))
                .addSubcommand("queue", new QueueCommand(environment))
                .addSubcommand("password", new PasswordCommand(environment))
                .addSubcommand("certificate", new CertificateCommand(environment))
                .addSubcommand("devices", new DevicesCommand(environment))
                .addSubcommand("device", new DeviceCommand(environment))
                .addSubcommand("policy", new PolicyCommand(environment))
                .addSubcommand("rules", new RulesCommand(environment))
                .addSubcommand("audit", new AuditCommand(environment))
                .addSubcommand("explain", new ExplainCommand(environment))
                .addSubcommand("trace", new TraceCommand(environment))
                .addSubcommand("backup", new BackupCommand(environment))
                .addSubcommand("restore", new RestoreCommand(environment))
                .addSubcommand("reload", new ReloadCommand(environment))
                .addSubcommand("render", new RenderCommand())
                .addSubcommand("config", new ConfigCommand())
                .addSubcommand("bench", bench)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setExecutionExceptionHandler((e, command, _) -> failed(e, command));
    }

    /** What did not work, in one line; a bug comes with its stack. */
    private static int failed(Exception e, CommandLine command) {
        var err = command.getErr();
        switch (e) {
            // Files, ports and the store say in their messages what is wrong with which of them.
            case Failure _, PhoneException _, StoreException _, UncheckedIOException _ ->
                err.println("airpost: " + e.getMessage());
            case IOException file -> err.println("airpost: " + StoreException.why(file));
            case ConfigException config -> config.problems().forEach(problem -> err.println("airpost: " + problem));
            default -> {
                err.println("airpost: " + e);
                e.printStackTrace(err);
            }
        }
        err.flush();
        return CommandLine.ExitCode.SOFTWARE;
    }

    /** Version of the jar. */
    static final class Version implements CommandLine.IVersionProvider {

        @Override
        public String[] getVersion() {
            var version = Optional.ofNullable(Airpost.class.getPackage().getImplementationVersion());
            return new String[] {
                "Airpost " + version.orElse("(from sources)"),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name")
            };
        }
    }
}
