package org.airpost.app;

import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.airpost.backend.Absence;
import org.airpost.backend.Absences;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.Directories;
import org.airpost.backend.Directory;
import org.airpost.backend.FreeBusy;
import org.airpost.backend.calendar.CalendarServer;
import org.airpost.backend.calendar.CalendarSettings;
import org.airpost.backend.carddav.CardDavDirectory;
import org.airpost.backend.carddav.CardDavSettings;
import org.airpost.backend.ldap.LdapAttributes;
import org.airpost.backend.ldap.LdapAttributes.What;
import org.airpost.backend.ldap.LdapDirectory;
import org.airpost.backend.ldap.LdapSettings;
import org.airpost.backend.sieve.SieveAbsences;
import org.airpost.backend.sieve.SieveSettings;
import org.airpost.config.Config;
import org.airpost.config.Secret;
import org.airpost.telemetry.Backends;
import org.airpost.telemetry.Watched;

/**
 * Directories, address books and absences of each domain. A user is looked up, and their password sent, only at the servers
 * of the domain that their credentials are for.
 */
final class PeopleServers implements AutoCloseable {

    /** Of each home, by its domain; that of everybody is empty. */
    private final Map<String, Directory> directories = new HashMap<>();

    private final Map<String, CardDavDirectory> books = new HashMap<>();
    private final Map<String, Absences> absences = new HashMap<>();
    private final Map<String, CalendarServer> calendars = new HashMap<>();
    private final Map<String, FreeBusy> busyTimes = new HashMap<>();
    private final List<LdapDirectory> open = new ArrayList<>();

    private final Backends backends;

    PeopleServers(Config config, Backends backends) {
        this.backends = backends;
        add("", config.ldap(), config.carddav(), config.sieve());
        add("", config.freebusy());
        config.domains().forEach((domain, its) -> {
            add(domain, its.ldap(), its.carddav(), its.sieve());
            add(domain, its.freebusy());
        });
    }

    private void add(String home, Config.FreeBusy freebusy) {
        if (freebusy.outbox().isPresent() || freebusy.url().isPresent()) {
            var server = new CalendarServer(
                    new CalendarSettings(
                            freebusy.outbox(), freebusy.url(), Setup.trust(freebusy.trust()), freebusy.timeLimit()),
                    InstantSource.system());
            var url = freebusy.outbox().or(freebusy::url).orElse("");
            calendars.put(home, server);
            busyTimes.put(home, Watched.freeBusy(server, backends.meter("calendar", place(url))));
        }
    }

    private void add(String home, Config.Ldap ldap, Config.CardDav carddav, Config.Sieve sieve) {
        var all = new ArrayList<Directory>();
        ldap.host().map(host -> new LdapDirectory(settings(host, ldap))).ifPresent(directory -> {
            open.add(directory);
            all.add(Watched.directory(
                    directory, backends.meter("ldap", ldap.host().orElse("") + ":" + ldap.port())));
        });
        carddav.url()
                .map(url -> new CardDavDirectory(
                        new CardDavSettings(url, Setup.trust(carddav.trust()), carddav.timeLimit())))
                .ifPresent(directory -> {
                    books.put(home, directory);
                    all.add(Watched.directory(
                            directory,
                            backends.meter("carddav", place(carddav.url().orElse("")))));
                });
        directories.put(home, all.isEmpty() ? Directory.none() : new Directories(all));
        absences.put(
                home,
                sieve.host()
                        .map(host -> Watched.absences(
                                new SieveAbsences(new SieveSettings(
                                        host,
                                        sieve.port(),
                                        Setup.security(sieve.security()),
                                        Setup.trust(sieve.trust()),
                                        sieve.connectTimeout(),
                                        sieve.timeLimit())),
                                backends.meter("sieve", host + ":" + sieve.port())))
                        .orElseGet(Absences::none));
    }

    /** Of an address with places for the user's name, what stands before its path. */
    private static String place(String url) {
        int host = url.indexOf("://") + 3;
        int path = url.indexOf('/', host);
        return path < 0 ? url : url.substring(0, path);
    }

    private static LdapSettings settings(String host, Config.Ldap ldap) {
        return new LdapSettings(
                host,
                ldap.port(),
                Setup.security(ldap.security()),
                Setup.trust(ldap.trust()),
                ldap.bindDn()
                        .map(dn -> new Credentials(
                                dn, ldap.password().map(Secret::reveal).orElse(""))),
                ldap.base(),
                ldap.filter(),
                LdapAttributes.of(
                        switch (ldap.schema()) {
                            case INETORGPERSON -> LdapAttributes.Schema.INETORGPERSON;
                            case ACTIVEDIRECTORY -> LdapAttributes.Schema.ACTIVEDIRECTORY;
                        },
                        attributes(ldap)),
                ldap.connections(),
                ldap.connectTimeout(),
                ldap.timeLimit(),
                ldap.sizeLimit());
    }

    private static Map<What, List<String>> attributes(Config.Ldap ldap) {
        return Arrays.stream(What.values())
                .filter(what -> ldap.attributes().containsKey(what.word()))
                .collect(
                        Collectors.toMap(what -> what, what -> ldap.attributes().getOrDefault(what.word(), List.of())));
    }

    Directory directory() {
        return (account, query) -> directories
                .getOrDefault(account.credentials().home(), Directory.none())
                .find(account, query);
    }

    /** Busy times by the calendar server of the user who asks. */
    FreeBusy calendars() {
        return (account, addresses, from, until, limit) -> Optional.ofNullable(
                        busyTimes.get(account.credentials().home()))
                .orElseGet(FreeBusy::none)
                .of(account, addresses, from, until, limit);
    }

    /** Addresses in a user's address book. */
    List<String> contacts(Account account) {
        return Optional.ofNullable(books.get(account.credentials().home()))
                .map(book -> book.addresses(account))
                .orElse(List.of());
    }

    Absences absences() {
        return new Absences() {

            @Override
            public Result<Absence> get(Account account) {
                return of(account).get(account);
            }

            @Override
            public Result<Absence> set(Account account, Absence absence, List<String> known) {
                return of(account).set(account, absence, known);
            }

            private Absences of(Account account) {
                return absences.getOrDefault(account.credentials().home(), Absences.none());
            }
        };
    }

    @Override
    public void close() {
        open.forEach(LdapDirectory::close);
        books.values().forEach(CardDavDirectory::close);
        calendars.values().forEach(CalendarServer::close);
    }
}
