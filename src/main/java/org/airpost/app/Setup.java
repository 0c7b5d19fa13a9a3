package org.airpost.app;

import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.time.InstantSource;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.admin.AdminSocket;
import org.airpost.admin.Audit;
import org.airpost.admin.DeviceActions;
import org.airpost.backend.Accounts;
import org.airpost.backend.Credentials;
import org.airpost.backend.Home;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Security;
import org.airpost.backend.Submission;
import org.airpost.backend.Trust;
import org.airpost.backend.certificate.CertificateCheck;
import org.airpost.backend.found.DnsjavaDns;
import org.airpost.backend.found.FoundHomes;
import org.airpost.backend.found.HttpsFiles;
import org.airpost.backend.found.ServerLookup;
import org.airpost.backend.imap.ImapBackend;
import org.airpost.backend.imap.ImapSettings;
import org.airpost.backend.smtp.SmtpSettings;
import org.airpost.backend.smtp.SmtpSubmission;
import org.airpost.command.Outbox;
import org.airpost.command.PingCommand;
import org.airpost.command.Quarantine;
import org.airpost.command.Sync;
import org.airpost.config.Config;
import org.airpost.config.Secret;
import org.airpost.convert.MailConverter;
import org.airpost.convert.Senders;
import org.airpost.device.ClientQuirks;
import org.airpost.device.CredentialMarks;
import org.airpost.device.Device;
import org.airpost.device.Policies;
import org.airpost.device.Policy;
import org.airpost.device.Throttle;
import org.airpost.eas.PolicyDocument;
import org.airpost.eas.PolicyElement;
import org.airpost.http.Discovery;
import org.airpost.http.HttpSettings;
import org.airpost.http.Proxies;
import org.airpost.identity.DeviceCertificates;
import org.airpost.identity.MasterUser;
import org.airpost.identity.Rules;
import org.airpost.identity.Vault;
import org.airpost.store.Store;
import org.airpost.store.mapdb.MapDbStore;
import org.airpost.store.memory.MemoryStore;
import org.airpost.telemetry.MetricsSite;
import org.airpost.telemetry.Telemetry;
import org.airpost.telemetry.Traces;

/** The settings of each room, made of the configuration. */
public record Setup(Config config, ClientQuirks quirks, Telemetry telemetry) {

    Setup(Config config) {
        this(config, ClientQuirks.with(config.quirks().file()));
    }

    /** The same with another configuration. */
    Setup with(Config other) {
        return new Setup(other, quirks, telemetry);
    }

    /** Where traces of devices go; a gateway that keeps nothing has no place for them. */
    Optional<Traces> traces(InstantSource clock) {
        if (config.store().kind() != Config.StoreKind.MAPDB) {
            return Optional.empty();
        }
        var store = config.store().path().toAbsolutePath();
        return Optional.of(new Traces(store.resolveSibling(store.getFileName() + ".traces"), TRACE_BYTES, clock));
    }

    private Setup(Config config, ClientQuirks quirks) {
        this(config, quirks, new Telemetry(quirks, InstantSource.system()));
    }

    /** Bytes of a trace at most. */
    private static final long TRACE_BYTES = 16L << 20;

    private static final int CONSOLE_CONNECTIONS = 1_000;
    private static final int CONSOLE_REQUESTS = 50;

    HttpSettings http() {
        var http = config.http();
        var usual = HttpSettings.at(new InetSocketAddress(http.address(), http.port()));
        return new HttpSettings(
                usual.address(),
                usual.eventLoops(),
                http.maxConnections(),
                http.requestsUnderWay(),
                Math.toIntExact(http.maxHeaderBytes()),
                http.maxBodyBytes(),
                usual.maxGzipRatio(),
                http.readTimeout(),
                usual.writeTimeout(),
                http.idleTimeout(),
                config.sync().deadline(),
                Proxies.of(http.proxies()));
    }

    /** Where administrators connect; a few of them, from nearby. */
    HttpSettings console() {
        var usual = http();
        return new HttpSettings(
                new InetSocketAddress(
                        config.console().address(), config.console().port()),
                1,
                CONSOLE_CONNECTIONS,
                CONSOLE_REQUESTS,
                usual.maxHeadBytes(),
                usual.maxBodyBytes(),
                usual.maxGzipRatio(),
                usual.readTimeout(),
                usual.writeTimeout(),
                usual.idleTimeout(),
                usual.answerTimeout(),
                usual.proxies());
    }

    /** Who may read measurements. */
    MetricsSite.Readers readers() {
        return new MetricsSite.Readers(
                config.metrics().token().map(Secret::reveal), config.metrics().from());
    }

    boolean isPlain() {
        return config.http().plain();
    }

    Duration gracefulStop() {
        return config.http().gracefulStop();
    }

    Path certificates() {
        return config.tls().directory();
    }

    List<String> certificateNames() {
        return config.tls().names();
    }

    Store store(InstantSource clock) {
        return switch (config.store().kind()) {
            case MAPDB -> new MapDbStore(config.store().path(), clock);
            case MEMORY -> new MemoryStore(clock);
        };
    }

    /** Where an administrator's commands come in; a gateway that keeps nothing has no place for that. */
    Optional<Path> adminSocket() {
        return config.store().kind() == Config.StoreKind.MAPDB
                ? Optional.of(AdminSocket.beside(config.store().path()))
                : Optional.empty();
    }

    /** All servers of the configuration, to none of which is connected yet. */
    Servers servers() {
        var people = new PeopleServers(config, telemetry.backends());
        return new Servers(
                mail(),
                submission(),
                people.directory(),
                people::contacts,
                people.absences(),
                people.calendars(),
                people::close);
    }

    boolean findsSeenPeople() {
        return config.people().seen();
    }

    CertificateCheck certificateCheck(InstantSource clock) {
        return new CertificateCheck(
                trust(config.smime().trust()), config.smime().timeLimit(), clock);
    }

    MailBackend mail() {
        return mail(config.imap());
    }

    Submission submission() {
        return submission(config.smtp());
    }

    private MailBackend mail(Config.Imap imap) {
        var usual = ImapSettings.of(imap.host(), imap.port(), security(imap.security()));
        return new ImapBackend(
                usual.withTrust(trust(imap.trust()))
                        .withTimeouts(imap.connectTimeout(), imap.readTimeout(), usual.commandTimeout())
                        .withShown(imap.folders() == Config.Folders.SUBSCRIBED, imap.sharedFolders())
                        .withConnections(imap.connectionsPerUser(), imap.connections(), usual.idleTimeout()),
                InstantSource.system(),
                telemetry.backends().meter("imap", imap.host() + ":" + imap.port()));
    }

    private Submission submission(Config.Smtp smtp) {
        var usual = new SmtpSettings(smtp.host(), smtp.port(), security(smtp.security()), trust(smtp.trust()));
        return new SmtpSubmission(
                new SmtpSettings(
                        usual.host(),
                        usual.port(),
                        usual.security(),
                        usual.trust(),
                        usual.authenticate(),
                        usual.helloName(),
                        smtp.connectTimeout(),
                        smtp.readTimeout(),
                        smtp.finalTimeout()),
                telemetry.backends().meter("smtp", smtp.host() + ":" + smtp.port()));
    }

    /** The servers of each domain: its own, else those found by asking, else these of everybody. */
    Home.Finder homes(MailBackend mail, Submission submission, InstantSource clock) {
        var everybody = new Home("", config.imap().userTemplate(), mail, submission);
        var own = config.domains().entrySet().stream()
                .map(entry -> new Home(
                        entry.getKey(),
                        entry.getValue().imap().userTemplate(),
                        mail(entry.getValue().imap()),
                        submission(entry.getValue().smtp())))
                .collect(Collectors.toUnmodifiableMap(Home::domain, home -> home));
        var lookup = config.lookup();
        if (lookup.domains().isEmpty()) {
            return domain -> own.getOrDefault(domain, everybody);
        }
        var ours = Stream.concat(
                        Stream.of(config.imap().host(), config.smtp().host()),
                        config.domains().values().stream()
                                .flatMap(domain -> Stream.of(
                                        domain.imap().host(), domain.smtp().host())))
                .collect(Collectors.toSet());
        var found = new FoundHomes(
                new ServerLookup(DnsjavaDns.ofSystem(lookup.timeout()), HttpsFiles.ofSystem(lookup.timeout()), ours),
                everybody,
                this::home,
                new FoundHomes.Settings(lookup.domains(), lookup.remember(), lookup.timeout()),
                clock);
        return domain -> own.containsKey(domain) ? own.get(domain) : found.of(domain);
    }

    /** Servers that were found, with the limits that all have. */
    private Home home(String domain, ServerLookup.Found found) {
        var imap = config.imap();
        var smtp = config.smtp();
        return new Home(
                domain,
                found.userTemplate(),
                mail(new Config.Imap(
                        found.imap().host(),
                        found.imap().port(),
                        security(found.imap().security()),
                        new org.airpost.config.Trust.SystemAuthorities(),
                        imap.connectTimeout(),
                        imap.readTimeout(),
                        imap.connectionsPerUser(),
                        imap.connections(),
                        found.userTemplate(),
                        imap.folders(),
                        imap.sharedFolders())),
                submission(new Config.Smtp(
                        found.smtp().host(),
                        found.smtp().port(),
                        security(found.smtp().security()),
                        new org.airpost.config.Trust.SystemAuthorities(),
                        smtp.connectTimeout(),
                        smtp.readTimeout(),
                        smtp.finalTimeout(),
                        smtp.maxMessageBytes(),
                        smtp.savesSent(),
                        smtp.senders(),
                        smtp.deliverLater(),
                        smtp.deliverFor())),
                found.imap().host());
    }

    Discovery discovery() {
        var redirects = new HashMap<String, Discovery.Redirect>();
        config.domains().forEach((domain, its) -> {
            switch (its.redirect()) {
                case Config.Redirect.None() -> {}
                case Config.Redirect.ToServer(var server) ->
                    redirects.put(domain, new Discovery.Redirect.ToServer(server));
                case Config.Redirect.ToDomain(var other) ->
                    redirects.put(domain, new Discovery.Redirect.ToDomain(other));
            }
        });
        return new Discovery(config.autodiscover().url(), redirects);
    }

    private static Config.Security security(Security security) {
        return switch (security) {
            case TLS -> Config.Security.TLS;
            case STARTTLS -> Config.Security.STARTTLS;
            case PLAIN -> Config.Security.PLAIN;
        };
    }

    static Security security(Config.Security security) {
        return switch (security) {
            case TLS -> Security.TLS;
            case STARTTLS -> Security.STARTTLS;
            case PLAIN -> Security.PLAIN;
        };
    }

    static Trust trust(org.airpost.config.Trust trust) {
        return switch (trust) {
            case org.airpost.config.Trust.SystemAuthorities() -> new Trust.Platform();
            case org.airpost.config.Trust.Anybody() -> new Trust.Any();
            case org.airpost.config.Trust.PemFile(var path) -> new Trust.Authorities(path);
        };
    }

    Accounts.Settings accounts() {
        var usual = new Accounts.Settings(
                config.users().domain().orElse(config.imap().host()),
                config.imap().userTemplate());
        return new Accounts.Settings(
                usual.domain(),
                usual.userTemplate(),
                config.login().remember(),
                config.login().failuresPerUser(),
                config.login().window(),
                usual.idle(),
                usual.open());
    }

    /** How users of the servers of a domain sign in; a domain whose servers were found has no master user of ours. */
    Function<String, Rules> signInRules() {
        var everybody = rules(config.login().devices());
        var found = new Rules(everybody.mailPassword(), everybody.certificates(), Optional.empty());
        var own = config.domains().entrySet().stream()
                .collect(Collectors.toUnmodifiableMap(
                        Map.Entry::getKey, entry -> rules(entry.getValue().devices())));
        return domain -> domain.isEmpty() ? everybody : own.getOrDefault(domain, found);
    }

    private static Rules rules(Config.SignIn devices) {
        return new Rules(
                devices.mailPassword(),
                switch (devices.certificates()) {
                    case OFF -> Rules.Certificates.OFF;
                    case ACCEPTED -> Rules.Certificates.ACCEPTED;
                    case REQUIRED -> Rules.Certificates.REQUIRED;
                },
                devices.masterUser()
                        .flatMap(name ->
                                devices.masterPassword().map(password -> new MasterUser(name, password.reveal()))));
    }

    /** Certificates of devices, if any domain makes something of them and TLS is ours. */
    Optional<DeviceCertificates> deviceCertificates(Store store, InstantSource clock, SecureRandom random)
            throws IOException {
        boolean wanted = Stream.concat(
                        Stream.of(config.login().devices()),
                        config.domains().values().stream().map(Config.Domain::devices))
                .anyMatch(devices -> devices.certificates() != Config.ClientCertificates.OFF);
        return wanted && !isPlain()
                ? Optional.of(DeviceCertificates.open(store, certificates(), clock, random))
                : Optional.empty();
    }

    Optional<Vault> vault(Store store, InstantSource clock, SecureRandom random) throws IOException {
        var key = config.login().vaultKey();
        return key.isPresent() ? Optional.of(Vault.open(store, key.get(), clock, random)) : Optional.empty();
    }

    Throttle.Settings throttle() {
        var throttle = config.throttle();
        return new Throttle.Settings(throttle.perDevice(), throttle.perUser(), throttle.pings());
    }

    /** What is asked of everybody, before any policy of an administrator. */
    Policies.Effective policy() {
        var admits = EnumSet.of(Policy.Leniency.MANAGED_ELSEWHERE);
        if (config.policy().allowPartly()) {
            admits.add(Policy.Leniency.PARTLY);
        }
        if (config.policy().allowNonProvisionable()) {
            admits.add(Policy.Leniency.NON_PROVISIONABLE);
        }
        return Policies.Effective.of(policyDocument(), admits);
    }

    /** The mail domain of a user by the canonical name, see {@link Accounts}. */
    String domainOf(String user) {
        int colon = user.indexOf(':');
        if (colon >= 0) {
            return user.substring(0, colon);
        }
        int at = user.lastIndexOf('@');
        return at >= 0 ? user.substring(at + 1) : accounts().domain();
    }

    Device.Access gateDefault() {
        return switch (config.gate().standard()) {
            case ALLOW -> Device.Access.ALLOWED;
            case BLOCK -> Device.Access.BLOCKED;
            case QUARANTINE -> Device.Access.QUARANTINED;
        };
    }

    Quarantine.Words quarantine() {
        return new Quarantine.Words(
                config.gate().message().orElse(""), config.ping().greatestHeartbeat());
    }

    /** How long a device must ask too often until it is kept out, and how long it is then. */
    Duration blockAfter() {
        return config.gate().blockAfter();
    }

    Duration blockFor() {
        return config.gate().blockFor();
    }

    Duration retireAfter() {
        return config.gate().retireAfter();
    }

    /** Who is told of devices in quarantine, and by which account. */
    Optional<QuarantineMail.Settings> quarantineMail() {
        var gate = config.gate();
        return gate.notified().isEmpty() || gate.mailUser().isEmpty()
                ? Optional.empty()
                : Optional.of(new QuarantineMail.Settings(
                        gate.notified(),
                        new Credentials(
                                gate.mailUser().get(),
                                gate.mailPassword().map(Secret::reveal).orElse(""))));
    }

    DeviceActions.Settings deviceActions() {
        return new DeviceActions.Settings(config.wipe().needsSecondAdmin());
    }

    Audit.Settings audit() {
        return new Audit.Settings(config.audit().keep(), config.audit().most());
    }

    /** The key is beside the store, and not in it. */
    CredentialMarks credentialMarks() {
        return switch (config.store().kind()) {
            case MAPDB -> {
                var store = config.store().path().toAbsolutePath();
                yield CredentialMarks.ofFile(store.resolveSibling(store.getFileName() + ".key"));
            }
            case MEMORY -> CredentialMarks.forNow();
        };
    }

    private PolicyDocument policyDocument() {
        var policy = config.policy();
        var asked = PolicyDocument.of(
                policy.requirePassword(),
                policy.minPasswordLength() == 0 ? Optional.empty() : Optional.of(policy.minPasswordLength()),
                policy.maxInactivityLock().isZero() ? Optional.empty() : Optional.of(policy.maxInactivityLock()));
        return config.html() == Config.Html.NONE ? asked.with(PolicyElement.ALLOW_HTML_EMAIL, "0") : asked;
    }

    long mostMailBytes() {
        return config.smtp().maxMessageBytes();
    }

    Outbox.Settings outbox() {
        var saves = switch (config.smtp().savesSent()) {
            case AUTO -> Outbox.SavesSent.AUTO;
            case YES -> Outbox.SavesSent.YES;
            case NO -> Outbox.SavesSent.NO;
        };
        return new Outbox.Settings(saves, config.smtp().maxMessageBytes(), queue());
    }

    /** A store that forgets cannot promise to deliver later. */
    private Optional<Outbox.Queue> queue() {
        if (!config.smtp().deliverLater() || config.store().kind() != Config.StoreKind.MAPDB) {
            return Optional.empty();
        }
        var store = config.store().path().toAbsolutePath();
        return Optional.of(new Outbox.Queue(
                store.resolveSibling(store.getFileName() + ".queue"),
                config.smtp().deliverFor()));
    }

    Senders senders() {
        return new Senders(config.smtp().senders());
    }

    MailConverter.Settings conversion() {
        return MailConverter.Settings.DEFAULT.with(
                switch (config.html()) {
                    case AS_SENT -> MailConverter.HtmlBodies.AS_SENT;
                    case SANITISED -> MailConverter.HtmlBodies.SANITISED;
                    case NONE -> MailConverter.HtmlBodies.NONE;
                });
    }

    Sync.Settings sync() {
        return new Sync.Settings(
                config.sync().windowBytes(),
                config.ping().leastHeartbeat(),
                config.ping().greatestHeartbeat());
    }

    PingCommand.Settings ping() {
        return new PingCommand.Settings(
                config.ping().leastHeartbeat(),
                config.ping().greatestHeartbeat(),
                config.ping().maxFolders());
    }
}
