package org.airpost.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * How Airpost is to run. What each component means, its default and its bounds stand in {@code conf/airpost.conf}, which is
 * printed from {@link Options}; a component {@code port} of {@code http} is {@code http.port} there.
 */
public record Config(
        Http http,
        Tls tls,
        Console console,
        Imap imap,
        Smtp smtp,
        Ldap ldap,
        CardDav carddav,
        FreeBusy freebusy,
        People people,
        Sieve sieve,
        Smime smime,
        Users users,
        Map<String, Domain> domains,
        Lookup lookup,
        Autodiscover autodiscover,
        StoreFile store,
        Html html,
        Sync sync,
        Ping ping,
        Login login,
        Throttle throttle,
        Policy policy,
        Quirks quirks,
        Metrics metrics,
        Gate gate,
        Wipe wipe,
        Audit audit,
        Log log) {

    public Config {
        domains = Map.copyOf(domains);
    }

    /**
     * Reads a file and lets environment variables override it. Without a file, everything else is at its default.
     *
     * @throws ConfigException with all problems if there is an unknown option or a bad value, or no readable file
     */
    public static Config load(Optional<Path> file, Map<String, String> environment) {
        return ConfigReader.read(file, environment);
    }

    /** Everything at its default. */
    public static Config defaults() {
        return load(Optional.empty(), Map.of());
    }

    /** The text of {@code conf/airpost.conf}: each option with its default, its sentence and its environment variable. */
    public static String document() {
        return ConfigDocument.text();
    }

    /** Where phones connect. */
    public record Http(
            String address,
            int port,
            boolean plain,
            long maxBodyBytes,
            long maxHeaderBytes,
            int maxConnections,
            Duration readTimeout,
            Duration idleTimeout,
            int requestsUnderWay,
            Duration gracefulStop,
            List<String> proxies) {

        public Http {
            proxies = List.copyOf(proxies);
        }
    }

    /** Certificates for the phones. */
    public record Tls(Path directory, List<String> names) {

        public Tls {
            names = List.copyOf(names);
        }
    }

    /** Web pages for administrators, and the JSON API. */
    public record Console(
            boolean enabled,
            String address,
            int port,
            boolean secondFactor,
            Duration sessionIdle,
            Duration sessionLife,
            int loginTries,
            Duration loginWindow) {}

    /** The mail server to read from. */
    public record Imap(
            String host,
            int port,
            Security security,
            Trust trust,
            Duration connectTimeout,
            Duration readTimeout,
            int connectionsPerUser,
            int connections,
            String userTemplate,
            Folders folders,
            boolean sharedFolders) {}

    /** The mail server to send by. */
    public record Smtp(
            String host,
            int port,
            Security security,
            Trust trust,
            Duration connectTimeout,
            Duration readTimeout,
            Duration finalTimeout,
            long maxMessageBytes,
            SavesSent savesSent,
            List<String> senders,
            boolean deliverLater,
            Duration deliverFor) {

        public Smtp {
            senders = List.copyOf(senders);
        }
    }

    /** The directory of the organisation; without a host there is none. */
    public record Ldap(
            Optional<String> host,
            int port,
            Security security,
            Trust trust,
            Optional<String> bindDn,
            Optional<Secret> password,
            String base,
            String filter,
            Schema schema,
            Map<String, List<String>> attributes,
            int connections,
            Duration connectTimeout,
            Duration timeLimit,
            int sizeLimit) {

        public Ldap {
            attributes = Map.copyOf(attributes);
        }
    }

    /** The users' address books; without an address there are none. */
    public record CardDav(Optional<String> url, Trust trust, Duration timeLimit) {}

    /** Calendar servers that tell when people are busy. */
    public record FreeBusy(Optional<String> outbox, Optional<String> url, Trust trust, Duration timeLimit) {}

    /** Whom phones find. */
    public record People(boolean seen) {}

    /** Where answers in absence are kept; without a host they are not offered. */
    public record Sieve(
            Optional<String> host,
            int port,
            Security security,
            Trust trust,
            Duration connectTimeout,
            Duration timeLimit) {}

    /** Certificates of people. */
    public record Smime(Trust trust, Duration timeLimit) {}

    /** Names and addresses. */
    public record Users(Optional<String> domain) {}

    /** What a mail domain has of its own, or else what all have; its name is in lower case. */
    public record Domain(
            Imap imap,
            Smtp smtp,
            Ldap ldap,
            CardDav carddav,
            FreeBusy freebusy,
            Sieve sieve,
            SignIn devices,
            Redirect redirect) {}

    /** Domains whose servers are found by asking; {@code *} among them is any. */
    public record Lookup(List<String> domains, Duration timeout, Duration remember) {

        public Lookup {
            domains = List.copyOf(domains);
        }
    }

    /** What phones are told of this server. */
    public record Autodiscover(Optional<URI> url) {}

    /** Where the users of a domain are to go. */
    public sealed interface Redirect {

        /** Nowhere. */
        record None() implements Redirect {}

        /** To another server. */
        record ToServer(URI server) implements Redirect {}

        /** To where another domain's users are. */
        record ToDomain(String domain) implements Redirect {}
    }

    /** What Airpost remembers. */
    public record StoreFile(StoreKind kind, Path path) {}

    /** Limits of one Sync answer. */
    public record Sync(long windowBytes, Duration deadline) {}

    /** What phones get of the HTML of mails. */
    public enum Html {
        /** As it was sent. */
        AS_SENT,
        /** Without what can act or load by itself. */
        SANITISED,
        /** Text instead. */
        NONE
    }

    /** Limits of waiting phones. */
    public record Ping(Duration leastHeartbeat, Duration greatestHeartbeat, int maxFolders) {}

    /**
     * Wrong and right passwords, and what else devices sign in with.
     *
     * @param meFromOutside whether users reach their pages at the phones' port
     */
    public record Login(
            int failuresPerUser,
            Duration window,
            Duration remember,
            Optional<Path> vaultKey,
            boolean meFromOutside,
            SignIn devices) {}

    /** How the users of some servers sign in with their devices. */
    public record SignIn(
            boolean mailPassword,
            Optional<String> masterUser,
            Optional<Secret> masterPassword,
            ClientCertificates certificates) {}

    /** What is made of the certificates of devices. */
    public enum ClientCertificates {
        /** They are not asked for. */
        OFF,
        /** A device may have one, in place of a password. */
        ACCEPTED,
        /** A device must have one. */
        REQUIRED
    }

    /** Requests a minute, of a device, of a user, and of a device that only pings. */
    public record Throttle(int perDevice, int perUser, int pings) {}

    /** What is asked of a device. */
    public record Policy(
            boolean requirePassword,
            int minPasswordLength,
            Duration maxInactivityLock,
            boolean allowPartly,
            boolean allowNonProvisionable) {}

    /** What becomes of devices before there is a word about them. */
    public record Gate(
            Access standard,
            Optional<String> message,
            List<String> notified,
            Optional<String> mailUser,
            Optional<Secret> mailPassword,
            Duration blockAfter,
            Duration blockFor,
            Duration retireAfter) {

        public Gate {
            notified = List.copyOf(notified);
        }
    }

    /** Wipes of devices. */
    public record Wipe(boolean needsSecondAdmin) {}

    /** How long and how many entries of the audit log are kept. */
    public record Audit(Duration keep, int most) {}

    /** Whether devices come in. */
    public enum Access {
        ALLOW,
        BLOCK,
        QUARANTINE
    }

    /** What certain clients need, beside what Airpost knows of them. */
    public record Quirks(Optional<Path> file) {}

    /** Who may read the measurements. */
    public record Metrics(Optional<Secret> token, List<String> from) {

        public Metrics {
            from = List.copyOf(from);
        }
    }

    /** What is written to the standard output. */
    public record Log(LogLevel level, LogFormat format) {}

    /** Which folders phones see. */
    public enum Folders {
        ALL,
        /** Those that the user has subscribed to, and those with a purpose such as Sent. */
        SUBSCRIBED
    }

    /** How a connection to a mail server is protected. */
    public enum Security {
        /** TLS from the first byte on. */
        TLS,
        /** Plain at first, then TLS, or no connection at all. */
        STARTTLS,
        /** Not at all. */
        PLAIN
    }

    /** What attributes are called in a directory. */
    public enum Schema {
        INETORGPERSON,
        ACTIVEDIRECTORY
    }

    /** Whether the submission server keeps a copy of what it sends in the user's Sent folder. */
    public enum SavesSent {
        AUTO,
        YES,
        NO
    }

    /** Which store. */
    public enum StoreKind {
        MAPDB,
        MEMORY
    }

    /** How much is logged; each level with those before it. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    /** How a line of the log looks. */
    public enum LogFormat {
        TEXT,
        JSON
    }
}
