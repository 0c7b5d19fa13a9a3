package org.airpost.app;

import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import org.airpost.admin.AdminSocket;
import org.airpost.backend.Accounts;
import org.airpost.backend.MailBackend;
import org.airpost.backend.Security;
import org.airpost.backend.Submission;
import org.airpost.backend.Trust;
import org.airpost.backend.imap.ImapBackend;
import org.airpost.backend.imap.ImapSettings;
import org.airpost.backend.smtp.SmtpSettings;
import org.airpost.backend.smtp.SmtpSubmission;
import org.airpost.command.Outbox;
import org.airpost.command.PingCommand;
import org.airpost.command.Sync;
import org.airpost.config.Config;
import org.airpost.convert.MailConverter;
import org.airpost.convert.Senders;
import org.airpost.device.Throttle;
import org.airpost.eas.PolicyDocument;
import org.airpost.http.HttpSettings;
import org.airpost.http.Proxies;
import org.airpost.store.Store;
import org.airpost.store.mapdb.MapDbStore;
import org.airpost.store.memory.MemoryStore;

/** The settings of each room, made of the configuration. */
public record Setup(Config config) {

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

    MailBackend mail() {
        var imap = config.imap();
        var usual = ImapSettings.of(imap.host(), imap.port(), security(imap.security()));
        return new ImapBackend(
                usual.withTrust(trust(imap.trust()))
                        .withTimeouts(imap.connectTimeout(), imap.readTimeout(), usual.commandTimeout())
                        .withShown(imap.folders() == Config.Folders.SUBSCRIBED, imap.sharedFolders())
                        .withConnections(imap.connectionsPerUser(), imap.connections(), usual.idleTimeout()),
                InstantSource.system());
    }

    Submission submission() {
        var smtp = config.smtp();
        var usual = new SmtpSettings(smtp.host(), smtp.port(), security(smtp.security()), trust(smtp.trust()));
        return new SmtpSubmission(new SmtpSettings(
                usual.host(),
                usual.port(),
                usual.security(),
                usual.trust(),
                usual.authenticate(),
                usual.helloName(),
                smtp.connectTimeout(),
                smtp.readTimeout(),
                smtp.finalTimeout()));
    }

    private static Security security(Config.Security security) {
        return switch (security) {
            case TLS -> Security.TLS;
            case STARTTLS -> Security.STARTTLS;
            case PLAIN -> Security.PLAIN;
        };
    }

    private static Trust trust(org.airpost.config.Trust trust) {
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

    Throttle.Settings throttle() {
        var throttle = config.throttle();
        return new Throttle.Settings(throttle.perDevice(), throttle.perUser(), throttle.pings());
    }

    PolicyDocument policy() {
        var policy = config.policy();
        return PolicyDocument.of(
                policy.requirePassword(),
                policy.minPasswordLength() == 0 ? Optional.empty() : Optional.of(policy.minPasswordLength()),
                policy.maxInactivityLock().isZero() ? Optional.empty() : Optional.of(policy.maxInactivityLock()));
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
        return MailConverter.Settings.DEFAULT;
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
