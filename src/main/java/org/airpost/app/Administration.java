package org.airpost.app;

import java.net.URI;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.airpost.admin.AccessCommands;
import org.airpost.admin.AdminAccounts;
import org.airpost.admin.AdminCommands;
import org.airpost.admin.ApiTokens;
import org.airpost.admin.Audit;
import org.airpost.admin.CertificateActions;
import org.airpost.admin.DeviceActions;
import org.airpost.admin.DeviceCommands;
import org.airpost.admin.Explain;
import org.airpost.admin.GatewayActions;
import org.airpost.admin.IdentityCommands;
import org.airpost.admin.MailActions;
import org.airpost.admin.OpsCommands;
import org.airpost.admin.PasswordActions;
import org.airpost.admin.PolicyActions;
import org.airpost.admin.QueuedMails;
import org.airpost.admin.Result;
import org.airpost.admin.RuleActions;
import org.airpost.admin.TraceActions;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.UserName;
import org.airpost.command.Outbox;
import org.airpost.console.Parts;
import org.airpost.device.Device;
import org.airpost.device.PolicyTrial;
import org.airpost.identity.Argon2;
import org.airpost.store.Store;
import org.airpost.sync.BrokenMessages;
import org.airpost.telemetry.Telemetry;
import org.airpost.telemetry.Traces;

/** What administrators and users do, the ways in for it, and who may. */
final class Administration {

    /** For finding out how much a device would be told. */
    private static final Duration TO_TELL = Duration.ofSeconds(4);

    final DeviceActions devices;
    final PolicyActions policies;
    final RuleActions rules;
    final PasswordActions passwords;
    final CertificateActions certificates;
    final Optional<Traces> traces;
    final TraceActions traceActions;
    final Explain explain;
    final GatewayActions gateway;
    final AdminAccounts accounts;
    final AdminCommands commands;

    /** What the administrators' sites are made of. */
    final Parts parts;

    private final SignIn signIn;
    private final Engine engine;

    /**
     * @param reload reads the configuration again
     * @param console where it is, once it is served
     */
    Administration(
            Setup setup,
            SignIn signIn,
            DeviceGate gate,
            Engine engine,
            Outbox outbox,
            Telemetry telemetry,
            Audit audit,
            Supplier<Result<List<String>>> reload,
            Supplier<Optional<URI>> console,
            Store store,
            InstantSource clock,
            SecureRandom random) {
        this.signIn = signIn;
        this.engine = engine;
        this.devices = new DeviceActions(
                gate.devices,
                gate.policies,
                engine.ledgers,
                engine.hierarchy,
                engine.waiters::supersede,
                audit,
                setup.deviceActions(),
                clock);
        this.policies =
                new PolicyActions(gate.policies, gate.devices, new PolicyTrial(setup.quirks()), audit, this::canonical);
        this.rules = new RuleActions(gate.rules, gate.devices, audit, random);
        this.passwords = new PasswordActions(signIn.accounts, signIn.passwords, signIn.vault, signIn.signIns, audit);
        this.certificates = new CertificateActions(signIn.accounts, signIn.certificates, signIn.signIns, audit);
        QueuedMails queued = outbox.queue().<QueuedMails>map(QueueView::new).orElse(QueuedMails.NONE);
        Consumer<BrokenMessages.Broken> onRetry = one -> engine.watchers.poke(one.user(), one.mailbox());
        var mail = new MailActions(engine.broken, onRetry, queued, audit);

        this.traces = setup.traces(clock);
        traces.ifPresent(telemetry::traceBy);
        this.traceActions = new TraceActions(traces, audit);
        this.explain = new Explain(devices, telemetry, setup.quirks(), this::toTell, clock);
        this.gateway = new GatewayActions(store, reload, audit, clock);
        this.accounts = new AdminAccounts(
                store, audit, new Argon2(random), setup.config().console().secondFactor(), clock, random);
        var tokens = new ApiTokens(store, audit, accounts, clock, random);
        this.parts = new Parts(
                setup.consoleSettings(),
                accounts,
                tokens,
                audit,
                mail,
                devices,
                policies,
                rules,
                passwords,
                certificates,
                telemetry,
                explain,
                traceActions,
                clock,
                random);

        var handlers = new HashMap<>(new DeviceCommands(devices, policies, rules, audit).handlers());
        var access = new AccessCommands(accounts, tokens, console);
        handlers.put("admin", access::admin);
        handlers.put("token", access::token);
        var identity = new IdentityCommands(
                passwords, certificates, name -> signIn.accounts.name(name).map(UserName::canonical));
        handlers.put("password", identity::passwords);
        handlers.put("certificate", identity::certificates);
        handlers.putAll(new OpsCommands(devices, traceActions, explain, gateway).handlers());
        this.commands = new AdminCommands(mail, handlers);
    }

    /** What a user is called in devices' keys; a name that is none is itself. */
    private String canonical(String name) {
        return signIn.accounts.name(name).map(UserName::canonical).orElse(name);
    }

    /** How many changes a device would be told of a folder, if its user is signed in. */
    private OptionalInt toTell(Device device, String folderId) {
        try {
            var account = signIn.accounts.open(device.key().user());
            var loaded = engine.ledgers.load(device.key(), folderId);
            var folder = account.flatMap(open -> engine.folders.find(open, folderId));
            var version = device.versions().stream().max(Comparator.naturalOrder());
            return account.isPresent() && loaded.isPresent() && folder.isPresent() && version.isPresent()
                    ? OptionalInt.of(engine.news.estimate(
                            loaded.get().record(), version.get(), account.get(), folder.get(), TO_TELL))
                    : OptionalInt.empty();
        } catch (BackendUnavailableException e) {
            return OptionalInt.empty();
        }
    }
}
