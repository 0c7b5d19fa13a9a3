package org.airpost.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.NetworkInterface;
import java.net.ServerSocket;
import java.net.SocketException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.airpost.admin.Actor;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.app.Gateway;
import org.airpost.config.Config;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Everything in one process: a mail server with sample mail, the gateway before it, and a phone that tries it out. */
@Command(
        name = "demo",
        description = "Runs a mail server with sample mail, the gateway, and a phone that shows what they do.",
        mixinStandardHelpOptions = true,
        footer = {
            "",
            "Keeps running for real phones until Ctrl-C; with --once it ends after the show.",
            "The mail server listens on the loopback only and forgets everything when it ends."
        })
final class Demo implements Callable<Integer> {

    private static final int USUAL_PORT = 8443;
    private static final int CONSOLE_PORT = 8444;
    private static final String ADMIN = "demo";
    private static final String ADMIN_PASSWORD = "have a look around";
    private static final long CLEAN_UP_SECONDS = 10;

    private final Map<String, String> environment;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(names = "--once", description = "end after the show; exit code 0 if all went well")
    private boolean once;

    @Option(names = "--port", paramLabel = "PORT", description = "port of the gateway; 8443, or a free one with --once")
    private @Nullable Integer port;

    Demo(Map<String, String> environment) {
        this.environment = environment;
    }

    @Override
    public Integer call() throws IOException, InterruptedException {
        var out = spec.commandLine().getOut();
        var data = Files.createTempDirectory("airpost-demo");
        var stop = new CountDownLatch(1);
        var stopped = new CountDownLatch(1);
        Runtime.getRuntime().addShutdownHook(new Thread(() -> {
            stop.countDown();
            awaitQuietly(stopped);
        }));
        try (var mail = DemoMailServer.start()) {
            int mails = mail.fill(Clock.systemUTC());
            out.printf("%n Airpost demo%n%n");
            out.printf(" ✓ mail server: IMAP %d, SMTP %d, %d sample mails%n", mail.imapPort(), mail.smtpPort(), mails);
            out.flush();
            try (var gateway = Gateway.start(config(mail, data))) {
                out.printf(" ✓ gateway: %s%n%n", gateway.address());
                tellWhatToTry(out, gateway.address());
                tellOfConsole(out, gateway);
                boolean well = new DemoShow(out, gateway.address(), gateway.authority(), mail.smtpPort()).run();
                if (!once) {
                    out.printf("%n Running for your phone. Ctrl-C ends it.%n");
                    out.flush();
                    stop.await();
                }
                return well ? 0 : 1;
            }
        } finally {
            delete(data);
            stopped.countDown();
        }
    }

    private Config config(DemoMailServer mail, Path data) {
        int listen = Optional.ofNullable(port).orElse(once ? 0 : USUAL_PORT);
        return DemoConfig.of(
                environment,
                lanAddresses(),
                once ? "127.0.0.1" : "0.0.0.0",
                listen,
                once || isTaken(CONSOLE_PORT) ? 0 : CONSOLE_PORT,
                mail,
                data);
    }

    /** Lets the command clean up before the program ends, but not for ever. */
    private static void awaitQuietly(CountDownLatch stopped) {
        try {
            if (!stopped.await(CLEAN_UP_SECONDS, TimeUnit.SECONDS)) {
                System.err.println("airpost: ended before everything was closed");
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** True if something listens there already, as another Airpost does. */
    private static boolean isTaken(int port) {
        try (var _ = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return false;
        } catch (IOException e) {
            return true;
        }
    }

    /** Where an administrator would look, with an account that may do everything. */
    private static void tellOfConsole(PrintWriter out, Gateway gateway) {
        var accounts = gateway.adminAccounts();
        var signedUp = accounts.add(Actor.ofSocket("demo"), ADMIN, Role.ADMIN) instanceof Result.Done<String>(var token)
                && accounts.setUp(token, ADMIN_PASSWORD, "", "demo").isDone();
        var address = gateway.consoleAddress();
        if (signedUp && address.isPresent()) {
            out.printf(" The console, in a browser on this machine: %s%n", address.get());
            out.printf("   name             %s%n   password         %s%n", ADMIN, ADMIN_PASSWORD);
            out.printf("   and the page of its users: %s/me%n%n", address.get());
            out.flush();
        }
    }

    private static void tellWhatToTry(PrintWriter out, URI address) {
        out.printf(" Account   %s%n Password  %s%n%n", DemoMailServer.ALICE, DemoMailServer.PASSWORD);
        out.println(" With a phone in the same network: add an account of the kind \"Exchange\", with");
        out.printf("   e-mail and user  %s%n", DemoMailServer.ALICE);
        for (var host : lanAddresses()) {
            out.printf("   server           %s:%d%n", host, address.getPort());
        }
        out.println("   and accept the certificate: this Airpost made it for itself (certs/README.md).");
        out.println(" Or from another shell:");
        out.printf(
                "   AIRPOST_PASSWORD=%s ./airpost phone --insecure --server %s --user %s folders%n%n",
                DemoMailServer.PASSWORD, address, DemoMailServer.ALICE);
        out.flush();
    }

    private static List<String> lanAddresses() {
        try {
            return NetworkInterface.networkInterfaces()
                    .flatMap(NetworkInterface::inetAddresses)
                    .filter(InetAddress::isSiteLocalAddress)
                    .map(InetAddress::getHostAddress)
                    .sorted()
                    .toList();
        } catch (SocketException e) {
            return List.of(); // only a hint for the reader is lost
        }
    }

    private static void delete(Path directory) throws IOException {
        try (Stream<Path> files = Files.walk(directory)) {
            for (var file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
