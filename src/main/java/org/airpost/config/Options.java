package org.airpost.config;

import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.airpost.config.Config.Access;
import org.airpost.config.Config.Folders;
import org.airpost.config.Config.Html;
import org.airpost.config.Config.LogFormat;
import org.airpost.config.Config.LogLevel;
import org.airpost.config.Config.SavesSent;
import org.airpost.config.Config.Schema;
import org.airpost.config.Config.Security;
import org.airpost.config.Config.StoreKind;

/** The table of options. What stands here is what can be configured, and what {@code conf/airpost.conf} says of it. */
final class Options {

    private static final long KIB = 1024;
    private static final long MIB = 1024 * KIB;
    private static final long GIB = 1024 * MIB;

    // http

    static final Option<String> HTTP_ADDRESS = new Option<>(
            "http.address",
            Kind.text("a host name or an IP address"),
            "0.0.0.0",
            "The address to listen on. 0.0.0.0 is every IPv4 address of the machine, \"::\" every address.");
    static final Option<Integer> HTTP_PORT = new Option<>(
            "http.port", Kind.number(0, 65535), 8443, "The port to listen on. 0 takes any free one and logs it.");
    static final Option<Boolean> HTTP_PLAIN = new Option<>(
            "http.plain",
            Kind.flag(),
            false,
            "HTTP without TLS. Only behind a proxy on the same machine that does TLS: http.address must be a loopback"
                    + " address then, because passwords come in the clear.");
    static final Option<Long> HTTP_MAX_BODY_BYTES = new Option<>(
            "http.maxBodyBytes",
            Kind.size(64 * KIB, 2 * GIB),
            64 * MIB,
            "The largest request. A phone sends a mail with its attachments in one request, so this bounds mails, too.");
    static final Option<Long> HTTP_MAX_HEADER_BYTES = new Option<>(
            "http.maxHeaderBytes",
            Kind.size(4 * KIB, MIB),
            16 * KIB,
            "The largest request line, and the largest sum of the headers of a request.");
    static final Option<Integer> HTTP_MAX_CONNECTIONS = new Option<>(
            "http.maxConnections",
            Kind.number(1, 1_000_000),
            30_000,
            "Connections at a time; one more is closed at once. Each waiting phone is one. The limit of open files of the"
                    + " process must be higher.");
    static final Option<Duration> HTTP_READ_TIMEOUT = new Option<>(
            "http.readTimeout",
            Kind.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            Duration.ofSeconds(60),
            "How long a phone may take to send a request, or may stop in the middle of reading an answer.");
    static final Option<Duration> HTTP_IDLE_TIMEOUT = new Option<>(
            "http.idleTimeout",
            Kind.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            Duration.ofMinutes(2),
            "How long a connection without a request is kept open. A waiting phone has a request, so it is not meant.");
    static final Option<Integer> HTTP_REQUESTS_UNDER_WAY = new Option<>(
            "http.requestsUnderWay",
            Kind.number(1, 100_000),
            1_000,
            "Requests worked on at a time, waiting phones not counted; one more is answered 503 with Retry-After.");
    static final Option<Duration> HTTP_GRACEFUL_STOP = new Option<>(
            "http.gracefulStop",
            Kind.duration(Duration.ZERO, Duration.ofMinutes(10)),
            Duration.ofSeconds(10),
            "How long requests under way may take to end when Airpost is stopped.");

    static final Option<List<String>> HTTP_PROXIES = new Option<>(
            "http.proxies",
            Kind.networks(),
            List.of(),
            "The proxies before Airpost. Only they are believed when they name the phone's address, by X-Forwarded-For or"
                    + " by the PROXY protocol (HAProxy's send-proxy).");

    // tls

    static final Option<Path> TLS_DIRECTORY = new Option<>(
            "tls.directory",
            Kind.path("a directory"),
            Path.of("certs"),
            "Where key and certificate are. If there are none, Airpost makes an authority and a certificate of its own"
                    + " there on the first start. Replaced files are used without a restart.");
    static final Option<List<String>> TLS_NAMES = new Option<>(
            "tls.names",
            Kind.texts("a list of host names or IP addresses"),
            List.of("localhost", "127.0.0.1"),
            "The names in the certificate that Airpost makes: those by which phones reach it.");

    // console

    static final Option<Boolean> CONSOLE_ENABLED = new Option<>(
            "console.enabled",
            Kind.flag(),
            true,
            "Whether there are web pages for administrators, and the JSON API. The first account is made by airpost admin add"
                    + " NAME --role admin.");
    static final Option<String> CONSOLE_ADDRESS = new Option<>(
            "console.address",
            Kind.text("a host name or an IP address"),
            "127.0.0.1",
            "The address that they listen on, with the certificate of the phones. Administrators alone should get there:"
                    + " the machine itself, or an address of an inner network.");
    static final Option<Integer> CONSOLE_PORT =
            new Option<>("console.port", Kind.number(0, 65535), 8444, "The port. 0 takes any free one and logs it.");
    static final Option<Boolean> CONSOLE_SECOND_FACTOR = new Option<>(
            "console.secondFactor",
            Kind.flag(),
            true,
            "Whether an account needs an authenticator app beside its password.");
    static final Option<Duration> CONSOLE_SESSION_IDLE = new Option<>(
            "console.sessionIdle",
            Kind.duration(Duration.ofMinutes(1), Duration.ofDays(1)),
            Duration.ofMinutes(30),
            "Who does nothing for so long is signed out.");
    static final Option<Duration> CONSOLE_SESSION_LIFE = new Option<>(
            "console.sessionLife",
            Kind.duration(Duration.ofMinutes(5), Duration.ofDays(7)),
            Duration.ofHours(12),
            "And everybody after so long.");
    static final Option<Integer> CONSOLE_LOGIN_TRIES = new Option<>(
            "console.loginTries",
            Kind.number(1, 1_000),
            10,
            "Tries to sign in with a name within console.loginWindow; from one address three times as many.");
    static final Option<Duration> CONSOLE_LOGIN_WINDOW = new Option<>(
            "console.loginWindow",
            Kind.duration(Duration.ofSeconds(10), Duration.ofDays(1)),
            Duration.ofMinutes(15),
            "The time in which they are counted.");

    // imap

    static final Option<String> IMAP_HOST = new Option<>(
            "imap.host", Kind.text("a host name or an IP address"), "localhost", "The IMAP server of the users.");
    static final Option<Integer> IMAP_PORT =
            new Option<>("imap.port", Kind.number(1, 65535), 993, "Usually 993 for tls, 143 for starttls and plain.");
    static final Option<Security> IMAP_SECURITY = new Option<>(
            "imap.security",
            Kind.oneOf(List.of(Security.values())),
            Security.TLS,
            "tls from the first byte on; starttls, and no connection at all without it; plain only on a trusted wire,"
                    + " because passwords go in the clear.");
    static final Option<Trust> IMAP_TRUST = new Option<>(
            "imap.trust",
            Kind.trust(),
            new Trust.SystemAuthorities(),
            "Whose certificate the server may show: of an authority that Java trusts (system), of one in a PEM file, or"
                    + " anybody's (any, for trials only).");
    static final Option<Duration> IMAP_CONNECT_TIMEOUT = new Option<>(
            "imap.connectTimeout",
            Kind.duration(Duration.ofMillis(100), Duration.ofMinutes(1)),
            Duration.ofSeconds(10),
            "How long a connection may take to be made. A phone gives up after 30 s.");
    static final Option<Duration> IMAP_READ_TIMEOUT = new Option<>(
            "imap.readTimeout",
            Kind.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
            Duration.ofSeconds(20),
            "How long the server may be silent in the middle of a command.");
    static final Option<Integer> IMAP_CONNECTIONS_PER_USER = new Option<>(
            "imap.connectionsPerUser",
            Kind.number(1, 100),
            2,
            "Connections that work for one user at a time. One more watches for new mail while a phone waits. Servers"
                    + " have a limit of their own (Dovecot: 10, Gmail: 15 with those of other programs).");
    static final Option<Integer> IMAP_CONNECTIONS = new Option<>(
            "imap.connections",
            Kind.number(1, 1_000_000),
            20_000,
            "Connections to the server at a time, of all users together, the watching ones among them. There should be"
                    + " one for each user with a phone, and a quarter more. With fewer, users are served by turns and hear of new"
                    + " mail minutes later; the log says so.");
    static final Option<String> IMAP_USER_TEMPLATE = new Option<>(
            "imap.userTemplate",
            Kind.loginTemplate(),
            "{user}",
            "How the login name is made of what the phone sent, in lower case. {user} is that without a domain written before a"
                    + " backslash; {local} what stands before the @; {domain} what stands after it, else users.domain;"
                    + " {address} is {local}@{domain}. Also used for smtp.");

    static final Option<Folders> IMAP_FOLDERS = new Option<>(
            "imap.folders",
            Kind.oneOf(List.of(Folders.values())),
            Folders.ALL,
            "Which folders phones see: all, or those that the user has subscribed to in a mail program (subscribed), with"
                    + " Inbox, Drafts, Sent, Trash and Junk in any case.");
    static final Option<Boolean> IMAP_SHARED_FOLDERS = new Option<>(
            "imap.sharedFolders",
            Kind.flag(),
            true,
            "Whether phones see folders of other users and folders for all, where the server shows them to the user. What the"
                    + " user may not do there is refused, and the phone is put right.");

    // smtp

    static final Option<String> SMTP_HOST = new Option<>(
            "smtp.host",
            Kind.text("a host name or an IP address"),
            "localhost",
            "The submission server. Users sign in there with the same name and password as at imap.");
    static final Option<Integer> SMTP_PORT =
            new Option<>("smtp.port", Kind.number(1, 65535), 587, "Usually 587 for starttls, 465 for tls.");
    static final Option<Security> SMTP_SECURITY = new Option<>(
            "smtp.security", Kind.oneOf(List.of(Security.values())), Security.STARTTLS, "As imap.security.");
    static final Option<Trust> SMTP_TRUST =
            new Option<>("smtp.trust", Kind.trust(), new Trust.SystemAuthorities(), "As imap.trust.");
    static final Option<Duration> SMTP_CONNECT_TIMEOUT = new Option<>(
            "smtp.connectTimeout",
            Kind.duration(Duration.ofMillis(100), Duration.ofMinutes(1)),
            Duration.ofSeconds(10),
            "How long a connection may take to be made.");
    static final Option<Duration> SMTP_READ_TIMEOUT = new Option<>(
            "smtp.readTimeout",
            Kind.duration(Duration.ofMillis(100), Duration.ofMinutes(10)),
            Duration.ofSeconds(60),
            "How long the server may take for one answer, but the last. What was not answered in time was not handed over, and"
                    + " the phone keeps it.");
    static final Option<Duration> SMTP_FINAL_TIMEOUT = new Option<>(
            "smtp.finalTimeout",
            Kind.duration(Duration.ofSeconds(1), Duration.ofHours(1)),
            Duration.ofMinutes(10),
            "How long the server may take to say that it has a mail. A mail that was handed over and not confirmed may be sent"
                    + " twice: rather too long than too short. The phone does not wait for it: it asks again, and gets the"
                    + " result.");
    static final Option<Long> SMTP_MAX_MESSAGE_BYTES = new Option<>(
            "smtp.maxMessageBytes",
            Kind.size(64 * KIB, 2 * GIB),
            50 * MIB,
            "The largest mail to hand over. If the server announces a smaller limit (SIZE), that one counts.");
    static final Option<SavesSent> SMTP_SAVES_SENT = new Option<>(
            "smtp.savesSent",
            Kind.oneOf(List.of(SavesSent.values())),
            SavesSent.AUTO,
            "Whether the server puts a copy of what it sends into the Sent folder by itself, as Gmail does: then Airpost"
                    + " must not. auto looks whether one is there, and remembers it by user.");
    static final Option<List<String>> SMTP_SENDERS = new Option<>(
            "smtp.senders",
            Kind.texts("a list of addresses or patterns"),
            List.of("{address}"),
            "The addresses that users may send from; any other From is replaced by the user's own. * stands for any text,"
                    + " {address} for the user's address, {local} and {domain} for its parts: \"{local}@example.net\","
                    + " \"{local}+*@{domain}\", \"*\" for every address. With another one than the user's own, a Sender says"
                    + " whose the mail is.");
    static final Option<Boolean> SMTP_DELIVER_LATER = new Option<>(
            "smtp.deliverLater",
            Kind.flag(),
            false,
            "Whether Airpost takes over mails that the server does not take now, in a directory beside store.path, and tries"
                    + " again while the user is signed in (airpost queue). Otherwise they stay on the phone, which tries"
                    + " again and shows them.");
    static final Option<Duration> SMTP_DELIVER_FOR = new Option<>(
            "smtp.deliverFor",
            Kind.duration(Duration.ofMinutes(10), Duration.ofDays(30)),
            Duration.ofDays(2),
            "After this a mail that was taken over is given back: as a mail in the user's Inbox, with the last words of the"
                    + " server.");

    // ldap

    static final Option<Optional<String>> LDAP_HOST = new Option<>(
            "ldap.host",
            Kind.optionalText("a host name or an IP address"),
            Optional.empty(),
            "The LDAP server with the people of the organisation: OpenLDAP, Active Directory or another one. Empty if there"
                    + " is none.");
    static final Option<Integer> LDAP_PORT =
            new Option<>("ldap.port", Kind.number(1, 65535), 636, "Usually 636 for tls, 389 for starttls and plain.");
    static final Option<Security> LDAP_SECURITY =
            new Option<>("ldap.security", Kind.oneOf(List.of(Security.values())), Security.TLS, "As imap.security.");
    static final Option<Trust> LDAP_TRUST =
            new Option<>("ldap.trust", Kind.trust(), new Trust.SystemAuthorities(), "As imap.trust.");
    static final Option<Optional<String>> LDAP_BIND_DN = new Option<>(
            "ldap.bindDn",
            Kind.optionalText("a DN"),
            Optional.empty(),
            "The account that Airpost signs in with; it needs to read people, and nothing else. Empty to ask without one."
                    + " Every user sees whom it sees.");
    static final Option<Optional<Secret>> LDAP_PASSWORD = new Option<>(
            "ldap.password", Kind.optionalSecret("a password"), Optional.empty(), "The password of that account.");
    static final Option<String> LDAP_BASE = new Option<>(
            "ldap.base", Kind.text("a DN"), "dc=example,dc=org", "The entry below which people are, at any depth.");
    static final Option<String> LDAP_FILTER = new Option<>(
            "ldap.filter",
            Kind.text("an LDAP filter"),
            "(objectClass=person)",
            "Which entries are people. Those without an address are left out in any case.");
    static final Option<Schema> LDAP_SCHEMA = new Option<>(
            "ldap.schema",
            Kind.oneOf(List.of(Schema.values())),
            Schema.INETORGPERSON,
            "What attributes are called: as inetOrgPerson has it, or as Active Directory does.");
    static final Option<Map<String, List<String>>> LDAP_ATTRIBUTES = new Option<>(
            "ldap.attributes",
            Kind.assignments(
                    "a list of name=attribute or name=attribute+attribute (the first with a value counts)",
                    List.of(
                            "displayName",
                            "mail",
                            "otherMail",
                            "phone",
                            "office",
                            "title",
                            "company",
                            "alias",
                            "firstName",
                            "lastName",
                            "homePhone",
                            "mobilePhone",
                            "photo",
                            "certificate",
                            "smimeCertificate")),
            Map.of(),
            "What is called otherwise here. A name without an attribute is not shown to phones.");
    static final Option<Integer> LDAP_CONNECTIONS = new Option<>(
            "ldap.connections", Kind.number(1, 1_000), 4, "Connections at a time. One more search waits for one.");
    static final Option<Duration> LDAP_CONNECT_TIMEOUT = new Option<>(
            "ldap.connectTimeout",
            Kind.duration(Duration.ofMillis(100), Duration.ofSeconds(20)),
            Duration.ofSeconds(5),
            "How long a connection may take to be made.");
    static final Option<Duration> LDAP_TIME_LIMIT = new Option<>(
            "ldap.timeLimit",
            Kind.duration(Duration.ofMillis(100), Duration.ofSeconds(20)),
            Duration.ofSeconds(5),
            "How long a search may take. Then the phone is told that the directory is too slow.");
    static final Option<Integer> LDAP_SIZE_LIMIT =
            new Option<>("ldap.sizeLimit", Kind.number(1, 10_000), 200, "Entries that one search may find.");

    // carddav

    static final Option<Optional<String>> CARDDAV_URL = new Option<>(
            "carddav.url",
            Kind.optionalText("an http or https address with {user}, {local}, {domain}, {address} in it"),
            Optional.empty(),
            "The address book of a user, or the place that has all of them, as https://dav.example.org/{user}/contacts/."
                    + " People in it are found beside those of ldap. Users sign in there as at imap. Empty if there is"
                    + " none.");
    static final Option<Trust> CARDDAV_TRUST =
            new Option<>("carddav.trust", Kind.trust(), new Trust.SystemAuthorities(), "As imap.trust.");
    static final Option<Duration> CARDDAV_TIME_LIMIT = new Option<>(
            "carddav.timeLimit",
            Kind.duration(Duration.ofMillis(100), Duration.ofSeconds(20)),
            Duration.ofSeconds(5),
            "How long a search may take.");

    // freebusy

    static final Option<Optional<String>> FREEBUSY_OUTBOX = new Option<>(
            "freebusy.outbox",
            Kind.optionalText("an http or https address with {user}, {local}, {domain}, {address} in it"),
            Optional.empty(),
            "The scheduling outbox of a user on a CalDAV server, as"
                    + " https://cal.example.org/dav/calendars/user/{user}/Outbox/. Phones that plan a meeting are told by it"
                    + " when people are busy. Users sign in there as at imap. Empty if there is none.");
    static final Option<Optional<String>> FREEBUSY_URL = new Option<>(
            "freebusy.url",
            Kind.optionalText("an http or https address with {local}, {domain}, {address} in it"),
            Optional.empty(),
            "Where the busy times of a person are published as iCalendar, with the address of that person in it, as"
                    + " https://cal.example.org/freebusy/{address}.ifb. Read without a password, for those of whom the outbox"
                    + " knows nothing. Empty if there is none.");
    static final Option<Trust> FREEBUSY_TRUST =
            new Option<>("freebusy.trust", Kind.trust(), new Trust.SystemAuthorities(), "As imap.trust.");
    static final Option<Duration> FREEBUSY_TIME_LIMIT = new Option<>(
            "freebusy.timeLimit",
            Kind.duration(Duration.ofMillis(100), Duration.ofSeconds(20)),
            Duration.ofSeconds(8),
            "How long all the people of one question may take. Of those who take longer the phone is told to ask again.");

    // people

    static final Option<Boolean> PEOPLE_SEEN = new Option<>(
            "people.seen",
            Kind.flag(),
            true,
            "Whether users also find those with whom they have exchanged mail lately: the latest few hundred messages of"
                    + " Sent and Inbox are looked through, and only by the user's own phones.");

    // sieve

    static final Option<Optional<String>> SIEVE_HOST = new Option<>(
            "sieve.host",
            Kind.optionalText("a host name or an IP address"),
            Optional.empty(),
            "The ManageSieve server, usually the IMAP server's name. With it users can set their answer in absence on the"
                    + " phone. Users sign in there as at imap. Empty if there is none.");
    static final Option<Integer> SIEVE_PORT = new Option<>("sieve.port", Kind.number(1, 65535), 4190, "Usually 4190.");
    static final Option<Security> SIEVE_SECURITY = new Option<>(
            "sieve.security", Kind.oneOf(List.of(Security.values())), Security.STARTTLS, "As imap.security.");
    static final Option<Trust> SIEVE_TRUST =
            new Option<>("sieve.trust", Kind.trust(), new Trust.SystemAuthorities(), "As imap.trust.");
    static final Option<Duration> SIEVE_CONNECT_TIMEOUT = new Option<>(
            "sieve.connectTimeout",
            Kind.duration(Duration.ofMillis(100), Duration.ofSeconds(20)),
            Duration.ofSeconds(5),
            "How long a connection may take to be made.");
    static final Option<Duration> SIEVE_TIME_LIMIT = new Option<>(
            "sieve.timeLimit",
            Kind.duration(Duration.ofMillis(100), Duration.ofSeconds(20)),
            Duration.ofSeconds(10),
            "How long reading or setting an absence may take.");

    // smime

    static final Option<Trust> SMIME_TRUST = new Option<>(
            "smime.trust",
            Kind.trust(),
            new Trust.SystemAuthorities(),
            "Whose certificates of people are good when a phone asks (any: nobody's, since there is no authority then).");
    static final Option<Duration> SMIME_TIME_LIMIT = new Option<>(
            "smime.timeLimit",
            Kind.duration(Duration.ofMillis(100), Duration.ofSeconds(20)),
            Duration.ofSeconds(5),
            "How long one question may take whether a certificate was revoked.");

    // users

    static final Option<Optional<String>> USERS_DOMAIN = new Option<>(
            "users.domain",
            Kind.optionalText("a mail domain"),
            Optional.empty(),
            "The mail domain of users who sign in without one: with example.org, anna is anna@example.org.");

    // domains

    static final Option<Config.Redirect> AUTODISCOVER_REDIRECT = new Option<>(
            "autodiscover.redirect",
            Kind.redirect(),
            new Config.Redirect.None(),
            "Where Autodiscover sends the users of this domain instead: to another server, or to where Autodiscover of"
                    + " another mail domain says.");

    // lookup

    static final Option<List<String>> LOOKUP_DOMAINS = new Option<>(
            "lookup.domains",
            Kind.domains(),
            List.of(),
            "Mail domains that are not under domains, but whose servers are found by their DNS (SRV records _imaps, _imap,"
                    + " _submissions, _submission), else by their autoconfig file. What is found there is believed, so a"
                    + " domain that matters is better written under domains. With \"*\" anybody whose domain has mail"
                    + " servers can use this gateway.");
    static final Option<Duration> LOOKUP_TIMEOUT = new Option<>(
            "lookup.timeout",
            Kind.duration(Duration.ofMillis(100), Duration.ofSeconds(20)),
            Duration.ofSeconds(5),
            "How long finding the servers of a domain may take. After that the phone is told to come back.");
    static final Option<Duration> LOOKUP_REMEMBER = new Option<>(
            "lookup.remember",
            Kind.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
            Duration.ofHours(1),
            "How long what was found, or that there is nothing, is believed.");

    // autodiscover

    static final Option<Optional<URI>> AUTODISCOVER_URL = new Option<>(
            "autodiscover.url",
            Kind.optionalServer(),
            Optional.empty(),
            "Where phones reach Airpost, as Autodiscover tells them. If empty, it is the name by which they asked, and port"
                    + " 443 behind a proxy that does not pass the port on.");

    // store

    static final Option<StoreKind> STORE_KIND = new Option<>(
            "store.kind",
            Kind.oneOf(List.of(StoreKind.values())),
            StoreKind.MAPDB,
            "mapdb is a file on a local disk; memory forgets everything on a stop, and each phone starts over then.");
    static final Option<Path> STORE_PATH = new Option<>(
            "store.path",
            Kind.path("a file"),
            Path.of("data/airpost.db"),
            "The file. Another one, with .journal at its end, lies beside it: both belong together.");

    // sync

    static final Option<Html> MAIL_HTML = new Option<>(
            "mail.html",
            Kind.oneOf(List.of(Html.values())),
            Html.AS_SENT,
            "What phones get of the HTML of mails. as-sent: what the sender wrote; phones guard themselves. sanitised:"
                    + " without scripts, forms, style sheets and embedded documents. none: phones get text instead, and the"
                    + " policy AllowHTMLEmail says so. A body of type 4 (MIME) always is the message as it is.");

    static final Option<Long> SYNC_WINDOW_BYTES = new Option<>(
            "sync.windowBytes",
            Kind.size(16 * KIB, 256 * MIB),
            MIB,
            "Where a Sync answer ends and says that there is more, whatever number of items the phone asked for. One"
                    + " item is sent even if it is larger.");
    static final Option<Duration> SYNC_DEADLINE = new Option<>(
            "sync.deadline",
            Kind.duration(Duration.ofSeconds(1), Duration.ofMinutes(5)),
            Duration.ofSeconds(25),
            "After this a Sync answers with what it has and says that there is more. Phones give up after 30 s.");

    // ping

    static final Option<Duration> PING_LEAST_HEARTBEAT = new Option<>(
            "ping.leastHeartbeat",
            Kind.duration(Duration.ofSeconds(1), Duration.ofMinutes(59)),
            Duration.ofSeconds(60),
            "The shortest time that a phone may ask to wait for news; if it asks for less, it is told this one.");
    static final Option<Duration> PING_GREATEST_HEARTBEAT = new Option<>(
            "ping.greatestHeartbeat",
            Kind.duration(Duration.ofSeconds(60), Duration.ofMinutes(59)),
            Duration.ofMinutes(59),
            "The longest. If a proxy or firewall on the way cuts silent connections, set it a little below its limit.");
    static final Option<Integer> PING_MAX_FOLDERS = new Option<>(
            "ping.maxFolders",
            Kind.number(1, 10_000),
            200,
            "Folders that a phone may watch at a time; with more, it is told this limit.");

    // login

    static final Option<Integer> LOGIN_FAILURES_PER_USER = new Option<>(
            "login.failuresPerUser",
            Kind.number(1, 10_000),
            20,
            "Wrong passwords for a user within login.window, from one device or from all of them: after that no password"
                    + " is tried any more until the window has passed. One that was right lately still is.");
    static final Option<Duration> LOGIN_WINDOW = new Option<>(
            "login.window",
            Kind.duration(Duration.ofSeconds(1), Duration.ofDays(1)),
            Duration.ofMinutes(10),
            "See login.failuresPerUser.");
    static final Option<Duration> LOGIN_REMEMBER = new Option<>(
            "login.remember",
            Kind.duration(Duration.ZERO, Duration.ofHours(1)),
            Duration.ofMinutes(5),
            "How long a right password is believed without asking the IMAP server again, so how long an old one may go"
                    + " on working after a change. Only a keyed hash of it is kept, in memory.");

    static final Option<Boolean> LOGIN_MAIL_PASSWORD = new Option<>(
            "login.mailPassword",
            Kind.flag(),
            true,
            "Whether devices may sign in with the mail password. If not, each needs an app password or a certificate; the"
                    + " page /me always takes the mail password.");
    static final Option<Optional<String>> LOGIN_MASTER_USER = new Option<>(
            "login.masterUser",
            Kind.optionalText("a name"),
            Optional.empty(),
            "The account by which Airpost opens the mailbox of a user whose device has an app password or a certificate."
                    + " With {login} in it, it is the name to sign in with: \"{login}*master\" for Dovecot. Without, the user is"
                    + " named beside it as SASL PLAIN can (Cyrus, Postfix with Cyrus SASL; not for carddav). Needed at imap,"
                    + " smtp, sieve and carddav alike. A domain with servers of its own does not inherit it.");
    static final Option<Optional<Secret>> LOGIN_MASTER_PASSWORD = new Option<>(
            "login.masterPassword",
            Kind.optionalSecret("a password"),
            Optional.empty(),
            "The password of that account.");
    static final Option<Optional<String>> LOGIN_VAULT_KEY = new Option<>(
            "login.vaultKey",
            Kind.optionalText("a file"),
            Optional.empty(),
            "Where there is no master user: the file with the key of a vault, in which users leave their mail password on the"
                    + " page /me. Made if it is not there. Keep it apart from store.path and its backups. A new key goes above"
                    + " the old one; after a start all is sealed with the first.");
    static final Option<Config.ClientCertificates> LOGIN_CERTIFICATES = new Option<>(
            "login.certificates",
            Kind.oneOf(List.of(Config.ClientCertificates.values())),
            Config.ClientCertificates.OFF,
            "Certificates of devices, which users make on the page /me: not asked for (off); accepted in place of a password"
                    + " (accepted); or nobody comes in without one (required). If the device sends a password too, both must"
                    + " be right. Who knows the mail password makes one at /me, so for a second factor let /me be reached from"
                    + " inside alone (login.meFromOutside). Only where Airpost does TLS itself.");

    static final Option<Boolean> LOGIN_ME_FROM_OUTSIDE = new Option<>(
            "login.meFromOutside",
            Kind.flag(),
            true,
            "Whether users reach the page /me at the phones' port too, or at the console's alone.");

    // throttle

    static final Option<Integer> THROTTLE_PER_DEVICE = new Option<>(
            "throttle.perDevice",
            Kind.number(10, 1_000_000),
            1_200,
            "Requests of a device in a minute; one more is answered 503 with X-MS-ASThrottle, and the log says of which"
                    + " device. A phone that syncs a large mailbox for the first time makes some hundreds.");
    static final Option<Integer> THROTTLE_PER_USER = new Option<>(
            "throttle.perUser", Kind.number(10, 1_000_000), 3_000, "Requests of all devices of a user in a minute.");
    static final Option<Integer> THROTTLE_PINGS = new Option<>(
            "throttle.pings",
            Kind.number(1, 1_000_000),
            30,
            "Pings of a device in a minute with nothing between them: a phone that does not wait for news, but asks and"
                    + " asks, empties its battery.");

    // policy

    static final Option<Boolean> POLICY_REQUIRE_PASSWORD = new Option<>(
            "policy.requirePassword",
            Kind.flag(),
            false,
            "Whether a device must be locked with a password or PIN. It asks its user to set one.");
    static final Option<Integer> POLICY_MIN_PASSWORD_LENGTH = new Option<>(
            "policy.minPasswordLength",
            Kind.number(1, 16),
            4,
            "The shortest password, in characters. Only with policy.requirePassword.");
    static final Option<Duration> POLICY_MAX_INACTIVITY_LOCK = new Option<>(
            "policy.maxInactivityLock",
            Kind.duration(Duration.ofSeconds(10), Duration.ofSeconds(9998)),
            Duration.ofMinutes(15),
            "After how long without use a device locks itself. Only with policy.requirePassword.");
    static final Option<Boolean> POLICY_ALLOW_PARTLY = new Option<>(
            "policy.allowPartly",
            Kind.flag(),
            true,
            "Whether a device may come in that keeps a part of the policy and says so. Android often does.");
    static final Option<Boolean> POLICY_ALLOW_NON_PROVISIONABLE = new Option<>(
            "policy.allowNonProvisionable",
            Kind.flag(),
            false,
            "Whether a device may come in that keeps nothing of the policy, or never asks for one, such as Outlook on a"
                    + " computer. Policies that ask for nothing keep nobody out.");

    // gate

    static final Option<Access> GATE_DEFAULT = new Option<>(
            "gate.default",
            Kind.oneOf(List.of(Access.values())),
            Access.ALLOW,
            "What becomes of a new device that no rule fits (airpost rules): it comes in (allow), is kept out (block), or"
                    + " sees one explaining message until an administrator admits it (quarantine). Who is in stays in.");
    static final Option<Optional<String>> GATE_MESSAGE = new Option<>(
            "gate.message",
            Kind.optionalText("a sentence"),
            Optional.empty(),
            "Put under the message that users of quarantined devices see, such as whom to call.");
    static final Option<List<String>> GATE_NOTIFY = new Option<>(
            "gate.notify",
            Kind.addresses(),
            List.of(),
            "Who gets a mail when a device was put into quarantine; needs gate.mailUser. Without it, airpost devices and"
                    + " the console show them.");
    static final Option<Optional<String>> GATE_MAIL_USER = new Option<>(
            "gate.mailUser",
            Kind.optionalText("a user of the submission server"),
            Optional.empty(),
            "The account by which Airpost sends mails to administrators. Its name must be a mail address.");
    static final Option<Optional<Secret>> GATE_MAIL_PASSWORD = new Option<>(
            "gate.mailPassword", Kind.optionalSecret("a password"), Optional.empty(), "The password of gate.mailUser.");
    static final Option<Duration> GATE_BLOCK_AFTER = new Option<>(
            "gate.blockAfter",
            Kind.duration(Duration.ofMinutes(1), Duration.ofDays(365)),
            Duration.ofMinutes(30),
            "A device that asks too often (throttle) for so long without a pause is kept out.");
    static final Option<Duration> GATE_BLOCK_FOR = new Option<>(
            "gate.blockFor",
            Kind.duration(Duration.ofMinutes(1), Duration.ofDays(365)),
            Duration.ofHours(1),
            "How long such a device is kept out.");
    static final Option<Duration> GATE_RETIRE_AFTER = new Option<>(
            "gate.retireAfter",
            Kind.duration(Duration.ofDays(1), Duration.ofDays(3650)),
            Duration.ofDays(180),
            "A device that has not come for so long is forgotten with all that was kept for it, unless it is kept out or to"
                    + " be wiped. If it comes again it starts over.");

    // wipe

    static final Option<Boolean> WIPE_NEEDS_SECOND_ADMIN = new Option<>(
            "wipe.needsSecondAdmin",
            Kind.flag(),
            true,
            "Whether a full wipe, which takes all from a device, waits until a second administrator has agreed. A user may"
                    + " always wipe their own devices.");

    // audit

    static final Option<Duration> AUDIT_KEEP = new Option<>(
            "audit.keep",
            Kind.duration(Duration.ofDays(1), Duration.ofDays(3650)),
            Duration.ofDays(400),
            "How long entries of the audit log are kept.");
    static final Option<Integer> AUDIT_MOST = new Option<>(
            "audit.most",
            Kind.number(1_000, 10_000_000),
            100_000,
            "Entries of the audit log; past that the oldest go.");

    // quirks

    static final Option<Optional<String>> QUIRKS_FILE = new Option<>(
            "quirks.file",
            Kind.optionalText("a file"),
            Optional.empty(),
            "A table of your own of what certain clients need, whose rows come before those that Airpost brings:"
                    + " docs/operations.md has its form. Read at the start and at airpost reload.");

    // metrics

    static final Option<Optional<Secret>> METRICS_TOKEN = new Option<>(
            "metrics.token",
            Kind.optionalSecret("a text"),
            Optional.empty(),
            "If it is set, who reads /metrics must send it as a bearer token.");
    static final Option<List<String>> METRICS_FROM = new Option<>(
            "metrics.from",
            Kind.networks(),
            List.of("127.0.0.1", "::1"),
            "Who may read /metrics, at the console's address: addresses or networks such as 10.0.0.0/8.");

    // log

    static final Option<LogLevel> LOG_LEVEL = new Option<>(
            "log.level",
            Kind.oneOf(List.of(LogLevel.values())),
            LogLevel.INFO,
            "How much is logged. debug has a line for each request; no level has passwords or the content of mails.");
    static final Option<LogFormat> LOG_FORMAT = new Option<>(
            "log.format",
            Kind.oneOf(List.of(LogFormat.values())),
            LogFormat.TEXT,
            "text for people, json (one object a line) for programs.");

    /** A part of the file, with what stands above it. */
    record Section(String name, String sentence, List<Option<?>> options) {}

    /** All options in the order of the file. */
    static final List<Section> SECTIONS = List.of(
            section(
                    "Where phones connect.",
                    HTTP_ADDRESS,
                    HTTP_PORT,
                    HTTP_PLAIN,
                    HTTP_MAX_BODY_BYTES,
                    HTTP_MAX_HEADER_BYTES,
                    HTTP_MAX_CONNECTIONS,
                    HTTP_READ_TIMEOUT,
                    HTTP_IDLE_TIMEOUT,
                    HTTP_REQUESTS_UNDER_WAY,
                    HTTP_GRACEFUL_STOP,
                    HTTP_PROXIES),
            section("The certificate that phones see.", TLS_DIRECTORY, TLS_NAMES),
            section(
                    "Web pages for administrators, and the JSON API.",
                    CONSOLE_ENABLED,
                    CONSOLE_ADDRESS,
                    CONSOLE_PORT,
                    CONSOLE_SECOND_FACTOR,
                    CONSOLE_SESSION_IDLE,
                    CONSOLE_SESSION_LIFE,
                    CONSOLE_LOGIN_TRIES,
                    CONSOLE_LOGIN_WINDOW),
            section(
                    "The mail server to read from.",
                    IMAP_HOST,
                    IMAP_PORT,
                    IMAP_SECURITY,
                    IMAP_TRUST,
                    IMAP_CONNECT_TIMEOUT,
                    IMAP_READ_TIMEOUT,
                    IMAP_CONNECTIONS_PER_USER,
                    IMAP_CONNECTIONS,
                    IMAP_USER_TEMPLATE,
                    IMAP_FOLDERS,
                    IMAP_SHARED_FOLDERS),
            section(
                    "The mail server to send by.",
                    SMTP_HOST,
                    SMTP_PORT,
                    SMTP_SECURITY,
                    SMTP_TRUST,
                    SMTP_CONNECT_TIMEOUT,
                    SMTP_READ_TIMEOUT,
                    SMTP_FINAL_TIMEOUT,
                    SMTP_MAX_MESSAGE_BYTES,
                    SMTP_SAVES_SENT,
                    SMTP_SENDERS,
                    SMTP_DELIVER_LATER,
                    SMTP_DELIVER_FOR),
            section(
                    "The people of the organisation, whom phones find when somebody is looked for.",
                    LDAP_HOST,
                    LDAP_PORT,
                    LDAP_SECURITY,
                    LDAP_TRUST,
                    LDAP_BIND_DN,
                    LDAP_PASSWORD,
                    LDAP_BASE,
                    LDAP_FILTER,
                    LDAP_SCHEMA,
                    LDAP_ATTRIBUTES,
                    LDAP_CONNECTIONS,
                    LDAP_CONNECT_TIMEOUT,
                    LDAP_TIME_LIMIT,
                    LDAP_SIZE_LIMIT),
            section("The users' own address books.", CARDDAV_URL, CARDDAV_TRUST, CARDDAV_TIME_LIMIT),
            section("Who else is found.", PEOPLE_SEEN),
            section("When people are busy.", FREEBUSY_OUTBOX, FREEBUSY_URL, FREEBUSY_TRUST, FREEBUSY_TIME_LIMIT),
            section(
                    "Where answers in absence are kept.",
                    SIEVE_HOST,
                    SIEVE_PORT,
                    SIEVE_SECURITY,
                    SIEVE_TRUST,
                    SIEVE_CONNECT_TIMEOUT,
                    SIEVE_TIME_LIMIT),
            section("Certificates of people who sign mail.", SMIME_TRUST, SMIME_TIME_LIMIT),
            section("Names and addresses.", USERS_DOMAIN),
            section(
                    "Mail domains whose servers Airpost finds by itself.",
                    LOOKUP_DOMAINS,
                    LOOKUP_TIMEOUT,
                    LOOKUP_REMEMBER),
            section("What phones are told that know nothing but a mail address.", AUTODISCOVER_URL),
            section("Where Airpost keeps what it must remember.", STORE_KIND, STORE_PATH),
            section("What phones see of mails.", MAIL_HTML),
            section("Limits of one Sync answer.", SYNC_WINDOW_BYTES, SYNC_DEADLINE),
            section("Phones that wait for news.", PING_LEAST_HEARTBEAT, PING_GREATEST_HEARTBEAT, PING_MAX_FOLDERS),
            section(
                    "Wrong and right passwords, and what else devices sign in with.",
                    LOGIN_FAILURES_PER_USER,
                    LOGIN_WINDOW,
                    LOGIN_REMEMBER,
                    LOGIN_MAIL_PASSWORD,
                    LOGIN_MASTER_USER,
                    LOGIN_MASTER_PASSWORD,
                    LOGIN_VAULT_KEY,
                    LOGIN_ME_FROM_OUTSIDE,
                    LOGIN_CERTIFICATES),
            section("Devices that ask too often.", THROTTLE_PER_DEVICE, THROTTLE_PER_USER, THROTTLE_PINGS),
            section(
                    "What is asked of a device before it gets mail.",
                    POLICY_REQUIRE_PASSWORD,
                    POLICY_MIN_PASSWORD_LENGTH,
                    POLICY_MAX_INACTIVITY_LOCK,
                    POLICY_ALLOW_PARTLY,
                    POLICY_ALLOW_NON_PROVISIONABLE),
            section(
                    "Which devices come in.",
                    GATE_DEFAULT,
                    GATE_MESSAGE,
                    GATE_NOTIFY,
                    GATE_MAIL_USER,
                    GATE_MAIL_PASSWORD,
                    GATE_BLOCK_AFTER,
                    GATE_BLOCK_FOR,
                    GATE_RETIRE_AFTER),
            section("Wipes of devices.", WIPE_NEEDS_SECOND_ADMIN),
            section("Who did what to which device.", AUDIT_KEEP, AUDIT_MOST),
            section("What certain clients need.", QUIRKS_FILE),
            section("What Prometheus reads.", METRICS_TOKEN, METRICS_FROM),
            section("What is written to the standard output.", LOG_LEVEL, LOG_FORMAT));

    /** What a running gateway takes over when it is told to read its configuration again; all else needs a new start. */
    static final List<Option<?>> LIVE = List.of(
            HTTP_MAX_BODY_BYTES,
            HTTP_MAX_CONNECTIONS,
            HTTP_READ_TIMEOUT,
            HTTP_IDLE_TIMEOUT,
            HTTP_REQUESTS_UNDER_WAY,
            HTTP_GRACEFUL_STOP,
            HTTP_PROXIES,
            SYNC_WINDOW_BYTES,
            PING_LEAST_HEARTBEAT,
            PING_GREATEST_HEARTBEAT,
            PING_MAX_FOLDERS,
            THROTTLE_PER_DEVICE,
            THROTTLE_PER_USER,
            THROTTLE_PINGS,
            POLICY_REQUIRE_PASSWORD,
            POLICY_MIN_PASSWORD_LENGTH,
            POLICY_MAX_INACTIVITY_LOCK,
            POLICY_ALLOW_PARTLY,
            POLICY_ALLOW_NON_PROVISIONABLE,
            GATE_DEFAULT,
            GATE_MESSAGE,
            GATE_NOTIFY,
            GATE_MAIL_USER,
            GATE_MAIL_PASSWORD,
            GATE_BLOCK_AFTER,
            GATE_BLOCK_FOR,
            GATE_RETIRE_AFTER,
            WIPE_NEEDS_SECOND_ADMIN,
            AUDIT_KEEP,
            AUDIT_MOST,
            QUIRKS_FILE,
            METRICS_TOKEN,
            METRICS_FROM,
            LOG_LEVEL,
            LOG_FORMAT);

    /** The section of the mail domains with servers of their own. */
    static final String DOMAINS = "domains";

    private static final Set<String> NOT_OF_DOMAINS = Set.of(
            SMTP_MAX_MESSAGE_BYTES.path(),
            SMTP_SAVES_SENT.path(),
            SMTP_SENDERS.path(),
            SMTP_DELIVER_LATER.path(),
            SMTP_DELIVER_FOR.path());

    /** What a domain may have of its own; what it leaves out of {@link #ALL} is as it is for all. */
    static final List<Option<?>> OF_DOMAIN = Stream.concat(
                    SECTIONS.stream()
                            .filter(section -> List.of("imap", "smtp", "ldap", "carddav", "freebusy", "sieve")
                                    .contains(section.name()))
                            .<Option<?>>flatMap(section -> section.options().stream())
                            // What Airpost does with a mail of its own accord is one for all.
                            .filter(option -> !NOT_OF_DOMAINS.contains(option.path())),
                    Stream.of(
                            LOGIN_MAIL_PASSWORD,
                            LOGIN_MASTER_USER,
                            LOGIN_MASTER_PASSWORD,
                            LOGIN_CERTIFICATES,
                            AUTODISCOVER_REDIRECT))
            .toList();

    /** The same without the sections. */
    static final List<Option<?>> ALL = SECTIONS.stream()
            .<Option<?>>flatMap(section -> section.options().stream())
            .toList();

    private Options() {}

    private static Section section(String sentence, Option<?>... options) {
        return new Section(options[0].section(), sentence, List.copyOf(Arrays.asList(options)));
    }
}
