package org.airpost.cli;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.Console;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyStore;
import java.security.MessageDigest;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManager;
import javax.net.ssl.TrustManagerFactory;
import javax.net.ssl.X509TrustManager;
import org.airpost.cli.check.Check;
import org.airpost.cli.check.Finding;
import org.airpost.cli.check.Network;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Says what is wrong with a server, seen from a phone. */
@Command(
        name = "check",
        description = "Tries a server as a phone does, step by step, and says what is wrong and how to mend it.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "The password comes from --password, else from AIRPOST_PASSWORD, else it is asked for.",
            "The exit code is 1 if something is wrong.",
            "Examples:",
            "  airpost check anna@example.org                        as a phone that knows nothing else",
            "  airpost check https://mail.example.org anna           a server by its name",
            "  airpost check https://localhost:8443 anna --ca certs/ca.crt"
        })
final class CheckCommand implements Runnable, CommandLine.IExitCodeGenerator {

    private final Map<String, String> environment;
    private final Network network;
    private int exitCode;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "SERVER|ADDRESS", description = "https://host[:port], or a mail address")
    private String target = "";

    @Parameters(index = "1", arity = "0..1", paramLabel = "USER", description = "name or address; not with an ADDRESS")
    private @Nullable String user;

    @Option(names = "--password", paramLabel = "TEXT", description = "visible to others on this machine: better not")
    private @Nullable String password;

    @Option(names = "--ca", paramLabel = "FILE", description = "certificates (PEM) to trust instead of Java's own")
    private @Nullable Path authorities;

    @Option(
            names = "--hold",
            paramLabel = "SECONDS",
            defaultValue = "75",
            description = "how long a waiting phone must be let alone; 3540 tries all of it; ${DEFAULT-VALUE}")
    private int hold = 75;

    CheckCommand(Map<String, String> environment, Network network) {
        this.environment = environment;
        this.network = network;
    }

    @Override
    public void run() {
        var server = target.contains("@") && !target.contains("://") ? Optional.<URI>empty() : Optional.of(uri());
        var who = user != null ? user : server.isEmpty() ? target : "";
        if (who.isEmpty() || (server.isEmpty() && !who.equals(target))) {
            throw new CommandLine.ParameterException(
                    spec.commandLine(), "wanted is a server and a user, or a mail address alone");
        }
        if (hold < 1 || hold > 3540) {
            throw new CommandLine.ParameterException(spec.commandLine(), "--hold %d: 1 to 3540".formatted(hold));
        }
        var out = spec.commandLine().getOut();
        var settings =
                new Check.Settings(server, who, password(who), Duration.ofSeconds(hold), 12_000_000, deviceId(who));
        var believed = believed();
        var findings = new Check(settings, network, context(believed), believed, InstantSource.system(), finding -> {
                    out.println(finding);
                    out.flush();
                })
                .run();
        long bad = findings.stream()
                .filter(finding -> finding.verdict() == Finding.Verdict.BAD)
                .count();
        out.println(bad == 0 ? "All is well." : bad == 1 ? "One thing is wrong." : bad + " things are wrong.");
        out.flush();
        exitCode = bad == 0 ? 0 : 1;
    }

    @Override
    public int getExitCode() {
        return exitCode;
    }

    private URI uri() {
        try {
            var uri = URI.create(target.contains("://") ? target : "https://" + target);
            if (uri.getHost() != null && List.of("http", "https").contains(uri.getScheme())) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            throw notMeant(e);
        }
        throw notMeant(new IllegalArgumentException(target));
    }

    private CommandLine.ParameterException notMeant(Exception cause) {
        return new CommandLine.ParameterException(
                spec.commandLine(), "%s: https://host[:port] or user@domain is meant".formatted(target), cause);
    }

    private X509TrustManager believed() {
        try {
            var managers = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            managers.init(authorities == null ? null : store(authorities));
            return Arrays.stream(managers.getTrustManagers())
                    .filter(X509TrustManager.class::isInstance)
                    .map(X509TrustManager.class::cast)
                    .findFirst()
                    .orElseThrow();
        } catch (GeneralSecurityException | IOException e) {
            throw new Failure("certificates in %s cannot be read: %s".formatted(authorities, e.getMessage()), e);
        }
    }

    private static KeyStore store(Path pem) throws GeneralSecurityException, IOException {
        var store = KeyStore.getInstance(KeyStore.getDefaultType());
        store.load(null, null);
        try (var in = Files.newInputStream(pem)) {
            int n = 0;
            for (var certificate : CertificateFactory.getInstance("X.509").generateCertificates(in)) {
                store.setCertificateEntry("ca" + n++, certificate);
            }
        }
        return store;
    }

    private static SSLContext context(X509TrustManager believed) {
        try {
            var context = SSLContext.getInstance("TLS");
            context.init(null, new TrustManager[] {believed}, null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new Failure("this Java has no TLS: " + e.getMessage(), e);
        }
    }

    private String password(String who) {
        if (password != null) {
            return password;
        }
        var given = environment.get("AIRPOST_PASSWORD");
        if (given != null) {
            return given;
        }
        var console = Optional.ofNullable(System.console())
                .filter(Console::isTerminal)
                .orElseThrow(() -> new CommandLine.ParameterException(
                        spec.commandLine(), "no password: set AIRPOST_PASSWORD, or give --password"));
        var typed = console.readPassword("Password of %s: ", who);
        return typed == null ? "" : new String(typed);
    }

    /** The same device each time, so that the server's list does not grow with each check. */
    private static String deviceId(String who) {
        try {
            var digest = MessageDigest.getInstance("SHA-256").digest(("check " + who).getBytes(UTF_8));
            return HexFormat.of().withUpperCase().formatHex(digest, 0, 16);
        } catch (GeneralSecurityException e) {
            throw new Failure("SHA-256 is missing in this Java", e);
        }
    }
}
