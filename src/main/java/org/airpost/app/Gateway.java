package org.airpost.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import org.airpost.admin.Actor;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.AdminCommands;
import org.airpost.admin.AdminSocket;
import org.airpost.admin.Audit;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.Explain;
import org.airpost.admin.GatewayActions;
import org.airpost.admin.PolicyActions;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.admin.RuleActions;
import org.airpost.admin.TraceActions;
import org.airpost.backend.HomeSubmission;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Submission;
import org.airpost.config.Config;
import org.airpost.config.ConfigException;
import org.airpost.config.ConfigSource;
import org.airpost.console.ConsoleSite;
import org.airpost.http.Certificates;
import org.airpost.http.HttpSettings;
import org.airpost.http.Server;
import org.airpost.http.TlsContext;
import org.airpost.identity.DeviceCertificates;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.telemetry.MeasuredStore;
import org.airpost.telemetry.Telemetry;
import org.airpost.telemetry.Traces;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A gateway that runs, from {@link #start} to {@link #close}. */
public final class Gateway implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(Gateway.class);
    private static final Duration HOUSEKEEPING = Duration.ofSeconds(10);
    private static final Duration CONSOLE_STOP = Duration.ofSeconds(1);
    private static final Duration ROUND = Duration.ofHours(1);

    /** As it is now: a part of it changes when the configuration is read again. */
    private volatile Setup setup;

    private final Origin origin;
    private final Server server;
    private final Optional<Server> console;
    private final Optional<Path> authority;
    private final Optional<TlsContext> tls;
    private final Servers servers;
    private final Store store;
    private final Audit audit;
    private final DeviceGate gate;
    private final SignIn signIn;
    private final Engine engine;
    private final PhoneCommands commands;
    private final Administration administration;
    private final Sites sites;
    private final Optional<AdminSocket> admin;
    private final Telemetry telemetry;
    private final Health health;
    private final CountDownLatch stopping = new CountDownLatch(1);

    /** Starts a gateway to the configured servers; ready for phones when it returns. */
    public static Gateway start(Config config) throws IOException {
        var setup = new Setup(config);
        return start(setup, setup.store(InstantSource.system()), setup.servers());
    }

    /** The same with a configuration that can be read again; {@code onLog} is told what it says of the log then. */
    public static Gateway start(ConfigSource source, Consumer<Config.Log> onLog) throws IOException {
        var setup = new Setup(source.config());
        return start(
                setup,
                setup.store(InstantSource.system()),
                setup.servers(),
                new Origin(new AtomicReference<>(source), onLog));
    }

    /** The same with other mail servers. */
    public static Gateway start(
            ConfigSource source, Consumer<Config.Log> onLog, MailBackend mail, Submission submission)
            throws IOException {
        var setup = new Setup(source.config());
        return start(
                setup,
                setup.store(InstantSource.system()),
                setup.servers().with(mail, submission),
                new Origin(new AtomicReference<>(source), onLog));
    }

    /** Starts a gateway with another store than the configured one, which it closes at the end: for measurements. */
    public static Gateway start(Config config, Store store) throws IOException {
        var setup = new Setup(config);
        return start(setup, store, setup.servers());
    }

    /** Starts a gateway to other servers than the configured ones: in-memory ones of tests and benchmarks. */
    public static Gateway start(Config config, MailBackend mail, Submission submission) throws IOException {
        var setup = new Setup(config);
        return start(setup, setup.store(InstantSource.system()), setup.servers().with(mail, submission));
    }

    /** The same, with all kinds of servers. */
    public static Gateway start(Config config, Servers servers) throws IOException {
        var setup = new Setup(config);
        return start(setup, setup.store(InstantSource.system()), servers);
    }

    /** The same, with another store, too. */
    public static Gateway start(Config config, Store store, Servers servers) throws IOException {
        return start(new Setup(config), store, servers);
    }

    /** Where the configuration came from; nothing if it cannot be read again. */
    private record Origin(AtomicReference<@Nullable ConfigSource> source, Consumer<Config.Log> onLog) {

        static Origin none() {
            return new Origin(new AtomicReference<>(), _ -> {});
        }
    }

    private static Gateway start(Setup setup, Store store, Servers servers) throws IOException {
        return start(setup, store, servers, Origin.none());
    }

    private static Gateway start(Setup setup, Store store, Servers servers, Origin origin) throws IOException {
        try {
            return new Gateway(setup, origin, InstantSource.system(), store, servers);
        } catch (IOException | RuntimeException e) {
            // A port in use, say: nothing is left open or locked.
            store.close();
            throw e;
        }
    }

    private Gateway(Setup setup, Origin origin, InstantSource clock, Store kept, Servers servers) throws IOException {
        this.setup = setup;
        this.origin = origin;
        this.telemetry = setup.telemetry();
        var store = new MeasuredStore(kept, telemetry.metrics());
        this.store = store;
        this.health = new Health(store, telemetry.backends(), clock);
        this.servers = servers;
        var random = new SecureRandom();

        var homes = setup.homes(servers.mail(), servers.submission(), clock);
        var home = new HomeSubmission(homes);
        this.audit = new Audit(store, setup.audit(), clock);
        this.gate = new DeviceGate(setup, () -> this.setup, servers.submission(), store, audit, clock, random);
        this.signIn = new SignIn(setup, homes, gate.devices, store, clock, random);
        this.engine = new Engine(store, gate.policies, clock);
        this.commands = new PhoneCommands(setup, servers, home, gate, engine, store, clock, random);
        this.administration = new Administration(
                setup,
                signIn,
                gate,
                engine,
                commands.outbox,
                telemetry,
                audit,
                this::reload,
                this::consoleAddress,
                store,
                clock,
                random);

        var gateway = new org.airpost.http.Gateway(
                signIn,
                commands.dispatcher::dispatch,
                commands.dispatcher::commands,
                account -> Math.min(
                        setup.mostMailBytes(),
                        home.mostBytes(account.credentials()).orElse(Long.MAX_VALUE)),
                health::now,
                setup.discovery(),
                setup.quirks(),
                telemetry,
                clock,
                random);

        Optional<X509Certificate> toTrust;
        if (setup.isPlain()) {
            this.tls = Optional.empty();
            toTrust = Optional.empty();
            this.authority = Optional.empty();
        } else {
            var certificates = new Certificates(setup.certificates(), setup.certificateNames(), clock);
            this.tls =
                    Optional.of(new TlsContext(certificates, signIn.certificates.map(DeviceCertificates::authority)));
            toTrust = certificates.toTrust();
            this.authority = Optional.of(certificates.authority());
        }
        this.sites = new Sites(setup, administration, signIn.accounts, telemetry, toTrust, clock, random);
        this.server = serve(setup.http(), tls, gateway.with(sites.atPhones));
        this.console = setup.config().console().enabled()
                ? console(tls, org.airpost.http.Gateway.ofSites(sites.atConsole, gateway.ready(), clock, random))
                : Optional.empty();
        measure();
        // The lock of the store is ours, and nothing can fail any more.
        this.admin = setup.adminSocket().flatMap(path -> AdminSocket.listen(path, administration.commands));
        Thread.ofVirtual().name("housekeeping").start(() -> keepHouse(clock));
        signIn.renewVault();
        LOG.info(
                "ready address={} console={}",
                address(),
                consoleAddress().map(URI::toString).orElse("none"));
    }

    private static Server serve(HttpSettings settings, Optional<TlsContext> tls, org.airpost.http.Gateway gateway) {
        return tls.map(context -> Server.start(settings, context, gateway))
                .orElseGet(() -> Server.start(settings, gateway));
    }

    /** Mail is more important: a port that is taken is said in the log. */
    private Optional<Server> console(Optional<TlsContext> tls, org.airpost.http.Gateway gateway) {
        try {
            return Optional.of(serve(setup.console(), tls, gateway));
        } catch (UncheckedIOException e) {
            LOG.warn("no console reason=\"{}\": set console.port, or console.enabled = false", e.getMessage());
            return Optional.empty();
        }
    }

    private void measure() {
        var numbers = telemetry.metrics();
        numbers.gauge("airpost_connections", "Connections of phones that are open", server::connections);
        numbers.gauge(
                "airpost_requests_under_way",
                "Requests worked on now, waiting ones left out",
                server::requestsUnderWay);
        numbers.gauge("airpost_watched_accounts", "Accounts that are watched for news", engine.watchers::watched);
        numbers.counter(
                "airpost_throttled_total",
                "Requests that were not served since a device asked too often, by the limit that it met",
                "condition",
                gate.throttle::throttled);
    }

    /** What is done with devices. */
    public DeviceActions deviceActions() {
        return administration.devices;
    }

    /** What is done with policies. */
    public PolicyActions policyActions() {
        return administration.policies;
    }

    /** What is done with the rules of the gate. */
    public RuleActions ruleActions() {
        return administration.rules;
    }

    /** Who did what. */
    public Audit audit() {
        return audit;
    }

    /** What comes in by the admin socket. */
    public AdminCommands adminCommands() {
        return administration.commands;
    }

    private void keepHouse(InstantSource clock) {
        var nextRound = clock.instant().plus(HOUSEKEEPING.multipliedBy(6));
        try {
            while (!stopping.await(HOUSEKEEPING.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    engine.watchers.tidy();
                    health.look();
                    engine.views.saveQuiet();
                    commands.outbox.queue().ifPresent(queue -> queue.work(signIn.accounts::open));
                    if (!clock.instant().isBefore(nextRound)) {
                        nextRound = clock.instant().plus(ROUND);
                        administration.devices.retire(setup.retireAfter());
                        audit.tidy();
                    }
                } catch (StoreException e) {
                    LOG.warn("store not written or read reason={}", e.getMessage());
                } catch (RuntimeException e) {
                    LOG.error("housekeeping failed: report this as a bug", e);
                }
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    /** Where phones reach the gateway on this machine. */
    public URI address() {
        return URI.create("%s://localhost:%d".formatted(setup.isPlain() ? "http" : "https", server.port()));
    }

    /** Where administrators reach it on this machine, if they do. */
    public Optional<URI> consoleAddress() {
        return console.map(its ->
                URI.create("%s://%s:%d".formatted(setup.isPlain() ? "http" : "https", consoleHost(), its.port())));
    }

    /** By the name that is in the certificate, if that leads there. */
    private String consoleHost() {
        var address = setup.config().console().address();
        return switch (address) {
            case "127.0.0.1", "::1", "0.0.0.0", "::" -> "localhost";
            default -> address.contains(":") ? "[" + address + "]" : address;
        };
    }

    /** The pages of the console. */
    public ConsoleSite console() {
        return sites.console;
    }

    /** Who may use the console. */
    public AdminAccounts adminAccounts() {
        return administration.accounts;
    }

    /** The CA certificate to trust, if the gateway made its own. */
    public Optional<Path> authority() {
        return authority;
    }

    /** Phones that wait for news now. */
    public int waiting() {
        return engine.waiters.count();
    }

    // Configuration

    /** Reads the configuration again, as at {@code airpost reload}; what came of it is in the log. */
    public void hangUp() {
        switch (administration.gateway.reload(new Actor("SIGHUP", Role.ADMIN, ""))) {
            case Result.Done<List<String>>(var lines) -> LOG.info("configuration read again changed={}", lines);
            case Result.Refused<List<String>>(var _, var words) ->
                LOG.warn("configuration not taken over why=\"{}\"", words);
        }
    }

    /** All of what has changed, or nothing: phones that wait go on in either case. */
    private synchronized Result<List<String>> reload() {
        var source = origin.source().get();
        if (source == null) {
            return Result.conflict("this gateway was not started with a configuration that can be read again");
        }
        ConfigSource.Again again;
        boolean certificate;
        try {
            again = source.again();
            if (!again.fixed().isEmpty()) {
                return Result.conflict(
                        "nothing was taken over, since these need a restart: " + String.join(", ", again.fixed()));
            }
            certificate = tls.isPresent() && tls.get().renew();
            setup.quirks().reload(again.source().config().quirks().file());
        } catch (ConfigException e) {
            return Result.invalid(String.join("; ", e.problems()));
        } catch (IOException e) {
            return Result.invalid("the certificate cannot be taken over: " + StoreException.why(e));
        } catch (IllegalArgumentException e) {
            return Result.invalid(String.valueOf(e.getMessage()));
        }
        take(again.source().config());
        origin.source().set(again.source());
        var lines = new ArrayList<>(again.live());
        if (certificate) {
            lines.add("the certificate");
        }
        return new Result.Done<>(lines);
    }

    private void take(Config config) {
        setup = setup.with(config);
        server.change(setup.http());
        console.ifPresent(its -> its.change(setup.console()));
        gate.change(setup);
        commands.quarantine.change(setup.quarantine());
        administration.devices.change(setup.deviceActions());
        audit.change(setup.audit());
        commands.ping.change(setup.ping());
        commands.sync.change(setup.sync());
        sites.metrics.change(setup.readers());
        origin.onLog().accept(config.log());
    }

    /** Traces of devices. */
    public TraceActions traceActions() {
        return administration.traceActions;
    }

    /** Devices in words. */
    public Explain explain() {
        return administration.explain;
    }

    /** Backup and reload. */
    public GatewayActions gatewayActions() {
        return administration.gateway;
    }

    /** What is seen of its work. */
    public Telemetry telemetry() {
        return telemetry;
    }

    /** Ends: no new requests, those under way are finished and held ones answered, then everything is closed. */
    @Override
    public void close() {
        stopping.countDown();
        admin.ifPresent(AdminSocket::close);
        administration.traces.ifPresent(Traces::close);
        console.ifPresent(its -> its.stop(CONSOLE_STOP));
        server.stop(setup.gracefulStop());
        commands.outbox.close(setup.gracefulStop());
        engine.watchers.close();
        signIn.accounts.close();
        servers.close();
        engine.views.close();
        store.close();
        LOG.info("stopped");
    }
}
