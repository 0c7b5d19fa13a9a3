package org.airpost.app;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.airpost.admin.AccessCommands;
import org.airpost.admin.Actor;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.AdminCommands;
import org.airpost.admin.AdminSocket;
import org.airpost.admin.ApiTokens;
import org.airpost.admin.Audit;
import org.airpost.admin.CertificateActions;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.DeviceCommands;
import org.airpost.admin.Explain;
import org.airpost.admin.GateAudit;
import org.airpost.admin.GatewayActions;
import org.airpost.admin.IdentityCommands;
import org.airpost.admin.MailActions;
import org.airpost.admin.OpsCommands;
import org.airpost.admin.PasswordActions;
import org.airpost.admin.PasswordHash;
import org.airpost.admin.PolicyActions;
import org.airpost.admin.QueuedMails;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.admin.RuleActions;
import org.airpost.admin.TraceActions;
import org.airpost.backend.Account;
import org.airpost.backend.Accounts;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.Credentials;
import org.airpost.backend.Directories;
import org.airpost.backend.HomeSubmission;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Submission;
import org.airpost.backend.UserName;
import org.airpost.command.Command;
import org.airpost.command.ConversationFinder;
import org.airpost.command.ConversationMover;
import org.airpost.command.ConversationReader;
import org.airpost.command.Dispatcher;
import org.airpost.command.FindCommand;
import org.airpost.command.FolderCreate;
import org.airpost.command.FolderDelete;
import org.airpost.command.FolderSync;
import org.airpost.command.FolderUpdate;
import org.airpost.command.FolderWaits;
import org.airpost.command.GetAttachment;
import org.airpost.command.GetHierarchy;
import org.airpost.command.GetItemEstimateCommand;
import org.airpost.command.ItemOperationsCommand;
import org.airpost.command.MailboxSearch;
import org.airpost.command.MoveItems;
import org.airpost.command.Outbox;
import org.airpost.command.PeopleStore;
import org.airpost.command.PingCommand;
import org.airpost.command.ProvisionCommand;
import org.airpost.command.Quarantine;
import org.airpost.command.Recipients;
import org.airpost.command.ResolveRecipientsCommand;
import org.airpost.command.SearchCommand;
import org.airpost.command.SearchStore;
import org.airpost.command.SeenPeople;
import org.airpost.command.SendMail;
import org.airpost.command.SettingsCommand;
import org.airpost.command.SmartForward;
import org.airpost.command.SmartReply;
import org.airpost.command.Sync;
import org.airpost.command.ValidateCertCommand;
import org.airpost.config.Config;
import org.airpost.config.ConfigException;
import org.airpost.config.ConfigSource;
import org.airpost.console.ConsoleSite;
import org.airpost.console.Parts;
import org.airpost.console.api.ApiSite;
import org.airpost.console.me.MySite;
import org.airpost.console.web.Assets;
import org.airpost.convert.Composer;
import org.airpost.convert.DraftMaker;
import org.airpost.convert.MailConverter;
import org.airpost.device.CredentialMarks;
import org.airpost.device.Device;
import org.airpost.device.Devices;
import org.airpost.device.Gate;
import org.airpost.device.GateEvents;
import org.airpost.device.GateRules;
import org.airpost.device.Policies;
import org.airpost.device.PolicyTrial;
import org.airpost.device.Provisioning;
import org.airpost.device.Throttle;
import org.airpost.device.Wipe;
import org.airpost.device.Wipes;
import org.airpost.eas.CommandName;
import org.airpost.eas.DeviceKey;
import org.airpost.http.Authenticator;
import org.airpost.http.Certificates;
import org.airpost.http.HttpSettings;
import org.airpost.http.Server;
import org.airpost.http.Site;
import org.airpost.http.TlsContext;
import org.airpost.http.WebReply;
import org.airpost.identity.AppPasswords;
import org.airpost.identity.DeviceCertificates;
import org.airpost.identity.SignIns;
import org.airpost.identity.Vault;
import org.airpost.store.Store;
import org.airpost.store.StoreException;
import org.airpost.sync.AlwaysMoved;
import org.airpost.sync.BrokenMessages;
import org.airpost.sync.Conversations;
import org.airpost.sync.Folders;
import org.airpost.sync.Hierarchy;
import org.airpost.sync.Ledgers;
import org.airpost.sync.MoveJournal;
import org.airpost.sync.Moves;
import org.airpost.sync.News;
import org.airpost.sync.Views;
import org.airpost.sync.Waiters;
import org.airpost.sync.Watchers;
import org.airpost.telemetry.MeasuredStore;
import org.airpost.telemetry.MetricsSite;
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
    private final AdminAccounts adminAccounts;
    private final ConsoleSite consoleSite;
    private final Optional<Path> authority;
    private final Accounts accounts;
    private final Outbox outbox;
    private final Servers servers;
    private final Views views;
    private final Watchers watchers;
    private final Waiters waiters;
    private final Store store;
    private final CredentialMarks marks;
    private final Devices devices;
    private final Audit audit;
    private final DeviceActions deviceActions;
    private final PolicyActions policyActions;
    private final RuleActions ruleActions;
    private final AdminCommands adminCommands;
    private final Optional<AdminSocket> admin;
    private final Telemetry telemetry;
    private final Optional<Traces> traces;
    private final TraceActions traceActions;
    private final Explain explain;
    private final GatewayActions gatewayActions;
    private final Optional<TlsContext> tls;
    private final Sync sync;
    private final PingCommand ping;
    private final Throttle throttle;
    private final MetricsSite metrics;
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
        this.accounts = new Accounts(homes, setup.accounts(), clock);
        var passwords = new AppPasswords(store, clock, random);
        var deviceCertificates = setup.deviceCertificates(store, clock, random);
        var vault = setup.vault(store, clock, random);
        var signIns = new SignIns(accounts, passwords, deviceCertificates, vault, setup.signInRules(), clock);

        var reader = new ConversationReader();
        var conversations = new Conversations(store, clock, reader.fields(), reader::number);
        this.views = new Views(store, clock, conversations);
        var folders = new Folders(store, views);
        var ledgers = new Ledgers(store);
        var hierarchy = new Hierarchy(store, folders, ledgers);
        var moves = new Moves(store, clock);
        var always = new AlwaysMoved(store, moves, folders, reader, clock);
        views.look(always);
        this.watchers = new Watchers(views, clock);
        views.notes().listen(watchers::poke);
        this.waiters = new Waiters();

        this.marks = setup.credentialMarks();
        this.devices = new Devices(store, clock);
        this.audit = new Audit(store, setup.audit(), clock);
        var passwordActions = new PasswordActions(accounts, passwords, vault, signIns, audit);
        var certificateActions = new CertificateActions(accounts, deviceCertificates, signIns, audit);
        var identity = new IdentityCommands(
                passwordActions, certificateActions, name -> accounts.name(name).map(UserName::canonical));
        var quirks = setup.quirks();
        var policies = new Policies(store, setup.policy(), setup::domainOf, clock);
        var provisioning = new Provisioning(devices, policies, random);
        var rules = new GateRules(store, devices, policies, setup.gateDefault(), clock);
        var gate = new Gate(policies, rules, quirks);
        var home = new HomeSubmission(homes);
        var listeners = new ArrayList<GateEvents>(List.of(new GateAudit(audit)));
        setup.quarantineMail()
                .ifPresent(mail -> listeners.add(new QuarantineMail(servers.submission(), mail, Clock.systemUTC())));
        var events = GateEvents.all(listeners);
        var news = new News(ledgers, views, user -> policies.of(user).document().limits());
        this.deviceActions = new DeviceActions(
                devices, policies, ledgers, hierarchy, waiters::supersede, audit, setup.deviceActions(), clock);
        this.policyActions = new PolicyActions(policies, devices, new PolicyTrial(quirks), audit);
        this.ruleActions = new RuleActions(rules, devices, audit, random);

        var broken = new BrokenMessages(store, ledgers, clock);
        var converter = new MailConverter(
                setup.conversion(),
                (place, uid, received, why) -> broken.note(new BrokenMessages.Broken(
                        place.user(), place.folderId(), place.uidValidity(), uid, place.mailbox(), received, why)));
        var waits = new FolderWaits(watchers, waiters, news, hierarchy, clock);
        var composer = new Composer(Clock.systemUTC(), random, setup.mostMailBytes(), setup.senders());
        this.outbox = new Outbox(composer, home, folders, ledgers, store, Clock.systemUTC(), setup.outbox());

        var seen = setup.findsSeenPeople() ? Optional.of(new SeenPeople(folders)) : Optional.<SeenPeople>empty();
        var recipients = seen.map(people -> new Recipients(people, store, clock));
        var directory = new Directories(
                Stream.concat(Stream.of(servers.directory()), seen.stream()).toList());

        var finder = new ConversationFinder(views, conversations, clock);
        Map<CommandName, Command> commands = new EnumMap<>(CommandName.class);
        var drafts = new DraftMaker(Clock.systemUTC(), random, setup.mostMailBytes());
        this.sync = new Sync(
                setup.sync(), folders, views, ledgers, moves, converter, waits, outbox, drafts, recipients, clock);
        commands.put(CommandName.SYNC, sync);
        commands.put(CommandName.SEND_MAIL, new SendMail(outbox));
        commands.put(CommandName.SMART_FORWARD, new SmartForward(outbox));
        commands.put(CommandName.SMART_REPLY, new SmartReply(outbox));
        commands.put(CommandName.FOLDER_SYNC, new FolderSync(hierarchy, devices, recipients.isPresent()));
        commands.put(CommandName.FOLDER_CREATE, new FolderCreate(hierarchy));
        commands.put(CommandName.FOLDER_DELETE, new FolderDelete(hierarchy));
        commands.put(CommandName.FOLDER_UPDATE, new FolderUpdate(hierarchy));
        commands.put(
                CommandName.MOVE_ITEMS, new MoveItems(folders, views, ledgers, moves, new MoveJournal(store, clock)));
        commands.put(CommandName.GET_ITEM_ESTIMATE, new GetItemEstimateCommand(folders, ledgers, news, recipients));
        commands.put(CommandName.SETTINGS, new SettingsCommand(devices, directory, servers.absences(), account -> {
            var known = new ArrayList<>(servers.contacts().apply(account));
            seen.ifPresent(mail -> known.addAll(mail.writtenTo(account)));
            return known;
        }));
        this.ping = new PingCommand(setup.ping(), folders, hierarchy, news, waits);
        commands.put(CommandName.PING, ping);
        commands.put(
                CommandName.ITEM_OPERATIONS,
                new ItemOperationsCommand(
                        folders,
                        views,
                        ledgers,
                        converter,
                        new ConversationMover(folders, views, moves, finder, always, clock)));
        Map<SearchStore.Name, SearchStore> stores = new EnumMap<>(SearchStore.Name.class);
        stores.put(SearchStore.Name.MAILBOX, new MailboxSearch(folders, ledgers, finder, converter, clock));
        stores.put(SearchStore.Name.GAL, new PeopleStore(directory));
        commands.put(CommandName.SEARCH, new SearchCommand(stores));
        commands.put(CommandName.FIND, new FindCommand(stores));
        commands.put(CommandName.GET_ATTACHMENT, new GetAttachment(folders, views, ledgers, converter));
        commands.put(CommandName.GET_HIERARCHY, new GetHierarchy(folders));
        commands.put(
                CommandName.RESOLVE_RECIPIENTS, new ResolveRecipientsCommand(directory, servers.calendars(), clock));
        commands.put(CommandName.VALIDATE_CERT, new ValidateCertCommand(setup.certificateCheck(clock)));
        commands.put(
                CommandName.PROVISION, new ProvisionCommand(devices, provisioning, new Wipes(devices, events, clock)));
        this.throttle = new Throttle(setup.throttle(), abuse(events, clock), clock);
        var dispatcher = new Dispatcher(
                commands, devices, gate, throttle, new Quarantine(converter, waiters, setup.quarantine()), events);

        var gateway = new org.airpost.http.Gateway(
                shown -> authenticate(signIns, shown),
                dispatcher::dispatch,
                dispatcher::commands,
                account -> Math.min(
                        setup.mostMailBytes(),
                        home.mostBytes(account.credentials()).orElse(Long.MAX_VALUE)),
                health::now,
                setup.discovery(),
                setup.quirks(),
                telemetry,
                clock,
                random);
        // By the first segment of the path: what is at the phones' port, and what is at the console's.
        var phoneSites = new HashMap<String, Site>();
        var consoleSites = new HashMap<String, Site>();
        var assets = new Assets();
        phoneSites.put(Assets.PLACE, assets);
        consoleSites.put(Assets.PLACE, assets);
        this.metrics = new MetricsSite(telemetry.metrics(), setup.readers());
        consoleSites.put(MetricsSite.PLACE, metrics);

        this.traces = setup.traces(clock);
        traces.ifPresent(telemetry::traceBy);
        this.traceActions = new TraceActions(traces, audit);
        this.explain = new Explain(
                deviceActions,
                telemetry,
                setup.quirks(),
                (device, folder) -> toTell(device, folder, folders, ledgers, news),
                clock);
        this.gatewayActions = new GatewayActions(store, this::reload, audit, clock);
        this.adminAccounts = new AdminAccounts(
                store, audit, new PasswordHash(random), setup.config().console().secondFactor(), clock, random);
        var tokens = new ApiTokens(store, audit, clock, random);
        QueuedMails queued = outbox.queue().<QueuedMails>map(QueueView::new).orElse(QueuedMails.NONE);
        Consumer<BrokenMessages.Broken> onRetry = one -> watchers.poke(one.user(), one.mailbox());
        var parts = new Parts(
                setup.consoleSettings(),
                adminAccounts,
                tokens,
                audit,
                new MailActions(broken, onRetry, queued, audit),
                deviceActions,
                policyActions,
                ruleActions,
                passwordActions,
                certificateActions,
                telemetry,
                explain,
                traceActions,
                clock,
                random);
        this.consoleSite = new ConsoleSite(parts);
        consoleSites.put(ConsoleSite.PLACE, consoleSite);
        consoleSites.put(ApiSite.PLACE, new ApiSite(parts));
        consoleSites.put("", _ -> WebReply.redirect("/" + ConsoleSite.PLACE));

        Optional<X509Certificate> toTrust;
        if (setup.isPlain()) {
            this.tls = Optional.empty();
            toTrust = Optional.empty();
            this.authority = Optional.empty();
        } else {
            var certificates = new Certificates(setup.certificates(), setup.certificateNames(), clock);
            this.tls = Optional.of(new TlsContext(certificates, deviceCertificates.map(DeviceCertificates::authority)));
            toTrust = certificates.toTrust();
            this.authority = Optional.of(certificates.authority());
        }
        var mine = new MySite(
                new MySite.Parts(
                        accounts,
                        deviceActions,
                        passwordActions,
                        certificateActions,
                        setup.config().autodiscover().url(),
                        toTrust),
                clock,
                random);
        phoneSites.put(MySite.PLACE, mine);
        consoleSites.put(MySite.PLACE, mine);
        this.server = serve(setup.http(), tls, gateway.with(phoneSites));
        this.console = setup.config().console().enabled()
                ? console(tls, org.airpost.http.Gateway.ofSites(consoleSites, gateway.ready(), clock, random))
                : Optional.empty();
        measure();
        // The lock of the store is ours, and nothing can fail any more.
        var handlers = new HashMap<>(new DeviceCommands(deviceActions, policyActions, ruleActions, audit).handlers());
        var access = new AccessCommands(adminAccounts, tokens, this::consoleAddress);
        handlers.put("admin", access::admin);
        handlers.put("token", access::token);
        handlers.put("password", identity::passwords);
        handlers.put("certificate", identity::certificates);
        handlers.putAll(new OpsCommands(deviceActions, traceActions, explain, gatewayActions).handlers());
        this.adminCommands = new AdminCommands(broken, onRetry, queued, handlers);
        this.admin = setup.adminSocket().flatMap(path -> AdminSocket.listen(path, adminCommands));
        Thread.ofVirtual().name("housekeeping").start(() -> keepHouse(clock));
        vault.ifPresent(its -> Thread.ofVirtual().name("vault").start(() -> renew(its)));
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
        numbers.gauge("airpost_watched_accounts", "Accounts that are watched for news", watchers::watched);
        numbers.counter(
                "airpost_throttled_total",
                "Requests that were not served since a device asked too often, by the limit that it met",
                "condition",
                throttle::throttled);
    }

    private Authenticator.Result authenticate(SignIns signIns, Authenticator.Shown shown) {
        SignIns.Outcome outcome;
        try {
            outcome = signIns.signIn(shown.credentials(), shown.certificate(), shown.device());
        } catch (BackendUnavailableException e) {
            return toBeWiped(signIns, shown).orElseThrow(() -> e);
        }
        return switch (outcome) {
            case SignIns.Outcome.Accepted(var account, var holds) -> {
                if (!shown.device().isEmpty()) {
                    var key = new DeviceKey(account.user(), shown.device());
                    devices.noteMark(key, marks.of(key, proof(shown)));
                }
                yield new Authenticator.Result.Accepted(account, holds);
            }
            case SignIns.Outcome.Refused(var words) ->
                toBeWiped(signIns, shown).orElseGet(() -> new Authenticator.Result.Refused(words));
            case SignIns.Outcome.Forbidden(var words) ->
                toBeWiped(signIns, shown).orElseGet(() -> new Authenticator.Result.Forbidden(words));
            // Not looked at: the password of before may be the user's still, and here it could be guessed without a
            // limit.
            case SignIns.Outcome.Limited(var retryAfter) -> new Authenticator.Result.Limited(retryAfter);
        };
    }

    /**
     * A device that is to wipe itself comes in by the password or the certificate that let it in last, whatever the mail
     * server says of it now, and gets as far as being told: it has no mail. See docs/decisions/017.
     */
    private Optional<Authenticator.Result> toBeWiped(SignIns signIns, Authenticator.Shown shown) {
        if (shown.device().isEmpty()) {
            return Optional.empty();
        }
        try {
            var name = shown.credentials()
                    .flatMap(credentials -> accounts.nameOf(credentials.user()))
                    .or(() -> shown.certificate().flatMap(signIns::whose));
            return name.flatMap(user -> devices.find(new DeviceKey(user, shown.device())))
                    .filter(known ->
                            known.wipe().filter(Wipe::isPending).isPresent() && marks.fits(known, proof(shown)))
                    .map(known -> {
                        var user = known.key().user();
                        var none = shown.credentials().orElse(new Credentials(user, ""));
                        return new Authenticator.Result.Accepted(
                                new Account(user, none, new NoMail(), List.of("nobody@invalid"), user));
                    });
        } catch (BackendUnavailableException e) {
            return Optional.empty(); // of which domain the user is cannot be said now
        }
    }

    /** What a device showed, as a text: its password, or which certificate it has. */
    private static String proof(Authenticator.Shown shown) {
        return shown.credentials()
                .map(Credentials::password)
                .or(() -> shown.certificate()
                        .map(certificate -> "certificate "
                                + certificate.getIssuerX500Principal() + " "
                                + certificate.getSerialNumber()))
                .orElse("");
    }

    /** Keeps a device out that asks without end. */
    private Throttle.Abuse abuse(GateEvents events, InstantSource clock) {
        return new Throttle.Abuse() {

            @Override
            public Duration after() {
                return setup.blockAfter();
            }

            @Override
            public void happened(DeviceKey key) {
                if (devices.isKept(key)) {
                    var now = clock.instant();
                    var device = devices.update(
                            key,
                            known -> known.withAdmission(known.admission().abuse(now, now.plus(setup.blockFor()))));
                    events.happened(GateEvents.Event.BLOCKED_FOR_ABUSE, device);
                }
            }
        };
    }

    /** What is done with devices. */
    public DeviceActions deviceActions() {
        return deviceActions;
    }

    /** What is done with policies. */
    public PolicyActions policyActions() {
        return policyActions;
    }

    /** What is done with the rules of the gate. */
    public RuleActions ruleActions() {
        return ruleActions;
    }

    /** Who did what. */
    public Audit audit() {
        return audit;
    }

    /** What comes in by the admin socket. */
    public AdminCommands adminCommands() {
        return adminCommands;
    }

    /** What could not be sealed anew now, is at the next start. */
    private static void renew(Vault vault) {
        try {
            vault.renew();
        } catch (StoreException e) {
            LOG.warn("vault not sealed anew reason={}", e.getMessage());
        }
    }

    private void keepHouse(InstantSource clock) {
        var nextRound = clock.instant().plus(HOUSEKEEPING.multipliedBy(6));
        try {
            while (!stopping.await(HOUSEKEEPING.toMillis(), TimeUnit.MILLISECONDS)) {
                try {
                    watchers.tidy();
                    health.look();
                    views.saveQuiet();
                    outbox.queue().ifPresent(queue -> queue.work(accounts::open));
                    if (!clock.instant().isBefore(nextRound)) {
                        nextRound = clock.instant().plus(ROUND);
                        deviceActions.retire(setup.retireAfter());
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
        return consoleSite;
    }

    /** Who may use the console. */
    public AdminAccounts adminAccounts() {
        return adminAccounts;
    }

    /** The CA certificate to trust, if the gateway made its own. */
    public Optional<Path> authority() {
        return authority;
    }

    /** Phones that wait for news now. */
    public int waiting() {
        return waiters.count();
    }

    /** How many changes a device would be told of a folder, if its user is signed in. */
    private OptionalInt toTell(Device device, String folderId, Folders folders, Ledgers ledgers, News news) {
        try {
            var account = accounts.open(device.key().user());
            var loaded = ledgers.load(device.key(), folderId);
            var folder = account.flatMap(open -> folders.find(open, folderId));
            var version = device.versions().stream().max(Comparator.naturalOrder());
            return account.isPresent() && loaded.isPresent() && folder.isPresent() && version.isPresent()
                    ? OptionalInt.of(news.estimate(loaded.get().record(), version.get(), account.get(), folder.get()))
                    : OptionalInt.empty();
        } catch (BackendUnavailableException e) {
            return OptionalInt.empty();
        }
    }

    // Configuration

    /** Reads the configuration again, as at {@code airpost reload}; what came of it is in the log. */
    public void hangUp() {
        switch (gatewayActions.reload(new Actor("SIGHUP", Role.ADMIN, ""))) {
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
        try {
            again = source.again();
            if (!again.fixed().isEmpty()) {
                return Result.conflict(
                        "nothing was taken over, since these need a restart: " + String.join(", ", again.fixed()));
            }
            setup.quirks().reload(again.source().config().quirks().file());
        } catch (ConfigException e) {
            return Result.invalid(String.join("; ", e.problems()));
        } catch (IllegalArgumentException e) {
            return Result.invalid(String.valueOf(e.getMessage()));
        }
        take(again.source().config());
        origin.source().set(again.source());
        var lines = new ArrayList<>(again.live());
        tls.filter(TlsContext::reload).ifPresent(_ -> lines.add("the certificate"));
        return new Result.Done<>(lines);
    }

    private void take(Config config) {
        setup = setup.with(config);
        server.change(setup.http());
        console.ifPresent(its -> its.change(setup.console()));
        throttle.change(setup.throttle());
        ping.change(setup.ping());
        sync.change(setup.sync());
        metrics.change(setup.readers());
        origin.onLog().accept(config.log());
    }

    /** Traces of devices. */
    public TraceActions traceActions() {
        return traceActions;
    }

    /** Devices in words. */
    public Explain explain() {
        return explain;
    }

    /** Backup and reload. */
    public GatewayActions gatewayActions() {
        return gatewayActions;
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
        traces.ifPresent(Traces::close);
        console.ifPresent(its -> its.stop(CONSOLE_STOP));
        server.stop(setup.gracefulStop());
        outbox.close(setup.gracefulStop());
        watchers.close();
        accounts.close();
        servers.close();
        views.close();
        store.close();
        LOG.info("stopped");
    }
}
