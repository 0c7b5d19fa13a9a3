package org.airpost.backend.ldap;

import com.unboundid.ldap.sdk.BindRequest;
import com.unboundid.ldap.sdk.DereferencePolicy;
import com.unboundid.ldap.sdk.Entry;
import com.unboundid.ldap.sdk.Filter;
import com.unboundid.ldap.sdk.LDAPConnectionOptions;
import com.unboundid.ldap.sdk.LDAPConnectionPool;
import com.unboundid.ldap.sdk.LDAPException;
import com.unboundid.ldap.sdk.LDAPSearchException;
import com.unboundid.ldap.sdk.ResultCode;
import com.unboundid.ldap.sdk.SearchRequest;
import com.unboundid.ldap.sdk.SearchResultEntry;
import com.unboundid.ldap.sdk.SearchResultListener;
import com.unboundid.ldap.sdk.SearchResultReference;
import com.unboundid.ldap.sdk.SearchScope;
import com.unboundid.ldap.sdk.SimpleBindRequest;
import com.unboundid.ldap.sdk.SingleServerSet;
import com.unboundid.ldap.sdk.StartTLSPostConnectProcessor;
import com.unboundid.util.ssl.HostNameSSLSocketVerifier;
import java.io.ByteArrayInputStream;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import javax.net.SocketFactory;
import org.airpost.backend.Account;
import org.airpost.backend.Directory;
import org.airpost.backend.Person;
import org.airpost.backend.Security;
import org.airpost.backend.Tls;
import org.airpost.backend.ldap.LdapAttributes.What;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The people of one LDAP directory. Connections are made when somebody is looked for, and kept in a pool; a directory that is
 * away at the start, or comes back, needs nobody's help. Source: RFC 4511; RFC 4515.
 */
public final class LdapDirectory implements Directory, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(LdapDirectory.class);

    /** Words of a search at most; what else was typed is ignored. */
    private static final int MOST_WORDS = 5;

    private static final int LONGEST_WORDS = 200;

    private final LdapSettings settings;
    private final LDAPConnectionPool pool;

    /** Connects to nobody yet. A CA file that cannot be read, or a bad filter, is an IllegalArgumentException. */
    public LdapDirectory(LdapSettings settings) {
        this.settings = settings;
        var tls = new Tls(settings.trust());
        var options = new LDAPConnectionOptions();
        options.setConnectTimeoutMillis(millis(settings.connectTimeout()));
        options.setResponseTimeoutMillis(settings.timeLimit().toMillis());
        options.setUseSynchronousMode(true); // no thread of the library for each connection
        options.setFollowReferrals(false);
        if (tls.checksHost() && settings.security() != Security.PLAIN) {
            options.setSSLSocketVerifier(new HostNameSSLSocketVerifier(false));
        }
        SocketFactory sockets = settings.security() == Security.TLS ? tls.factory() : SocketFactory.getDefault();
        var servers = new SingleServerSet(settings.host(), settings.port(), sockets, options);
        BindRequest bind = settings.bind()
                .map(account -> {
                    var request = new SimpleBindRequest(account.user(), account.password());
                    request.setResponseTimeoutMillis(settings.connectTimeout().toMillis());
                    return request;
                })
                .orElseGet(SimpleBindRequest::new);
        try {
            Filter.create(settings.filter());
            this.pool = new LDAPConnectionPool(
                    servers,
                    bind,
                    0,
                    settings.connections(),
                    0,
                    settings.security() == Security.STARTTLS ? new StartTLSPostConnectProcessor(tls.context()) : null,
                    false,
                    null);
        } catch (LDAPException e) {
            throw new IllegalArgumentException("ldap: " + e.getMessage(), e);
        }
        pool.setConnectionPoolName("ldap");
        pool.setCreateIfNecessary(false); // one more than allowed waits for one to be free
        pool.setMaxWaitTimeMillis(settings.timeLimit().toMillis());
        pool.setMaxConnectionAgeMillis(Duration.ofMinutes(10).toMillis());
        pool.setRetryFailedOperationsDueToInvalidConnections(true);
    }

    private static int millis(Duration time) {
        return Math.toIntExact(time.toMillis());
    }

    @Override
    public Found find(Account account, Query query) {
        var filter = filter(query.words());
        if (filter.isEmpty()) {
            return new Found.Persons(List.of(), false);
        }
        // One more than asked for shows that there are more.
        int limit = Math.min(query.most() + 1, settings.sizeLimit());
        var found = new Entries(query);
        var request = new SearchRequest(
                found,
                settings.base(),
                SearchScope.SUB,
                DereferencePolicy.NEVER,
                limit,
                Math.max(1, Math.toIntExact(settings.timeLimit().toSeconds())),
                false,
                filter.get(),
                settings.attributes().read(query.photos(), query.certificates()).toArray(new String[0]));
        request.setResponseTimeoutMillis(settings.timeLimit().toMillis());
        try {
            pool.search(request);
            return persons(found, false, query);
        } catch (LDAPSearchException e) {
            return e.getResultCode().equals(ResultCode.SIZE_LIMIT_EXCEEDED) ? persons(found, true, query) : failed(e);
        }
    }

    /** Makes persons of entries as they come: photos that are too large for any phone are not kept till the last one is there. */
    private final class Entries implements SearchResultListener {

        private static final long serialVersionUID = 1L;

        private final Query query;

        /** By their names: a search that is tried again on another connection begins anew. */
        private final Map<String, Person> persons = new LinkedHashMap<>();

        Entries(Query query) {
            this.query = query;
        }

        @Override
        public void searchEntryReturned(SearchResultEntry entry) {
            person(entry, query).ifPresent(person -> persons.put(entry.getDN(), person));
        }

        @Override
        public void searchReferenceReturned(SearchResultReference reference) {
            // Nobody is looked for elsewhere.
        }
    }

    private Found failed(LDAPSearchException e) {
        // Not what the library says: there may be the filter in it, with what somebody looked for.
        var code = e.getResultCode();
        var words = "%s:%d: %s (%d)".formatted(settings.host(), settings.port(), code.getName(), code.intValue());
        LOG.debug("ldap search failed", e);
        return e.getResultCode().equals(ResultCode.TIMEOUT)
                        || e.getResultCode().equals(ResultCode.TIME_LIMIT_EXCEEDED)
                        || e.getResultCode().equals(ResultCode.ADMIN_LIMIT_EXCEEDED)
                ? new Found.TimedOut(words)
                : new Found.Unavailable(words);
    }

    /** People in whom each word is the beginning of something; in a name, also of a later word of it. */
    private Optional<Filter> filter(String words) {
        var all = new ArrayList<Filter>();
        try {
            all.add(Filter.create(settings.filter()));
        } catch (LDAPException e) {
            throw new IllegalStateException("was read before", e);
        }
        var stripped = words.strip();
        if (stripped.isEmpty() || stripped.length() > LONGEST_WORDS) {
            return Optional.empty();
        }
        // A phone number is one word, whatever stands between its digits.
        var list = Person.isNumber(stripped) ? new String[] {stripped} : stripped.split("\\s+", 0);
        for (int i = 0; i < Math.min(list.length, MOST_WORDS); i++) {
            var any = new ArrayList<Filter>();
            for (var attribute : settings.attributes().sought()) {
                any.add(Filter.createSubInitialFilter(attribute, list[i]));
            }
            for (var attribute : settings.attributes().of(What.DISPLAY_NAME)) {
                any.add(Filter.createSubAnyFilter(attribute, " " + list[i]));
            }
            for (var attribute : settings.attributes().of(What.OTHER_MAIL)) {
                any.add(Filter.createSubInitialFilter(attribute, "smtp:" + list[i])); // proxyAddresses of AD
            }
            all.add(Filter.createORFilter(any));
        }
        return Optional.of(Filter.createANDFilter(all));
    }

    private static Found persons(Entries found, boolean cut, Query query) {
        var persons = new ArrayList<>(found.persons.values());
        persons.sort(Comparator.comparing(person -> person.displayName().toLowerCase(Locale.ROOT)));
        boolean more = cut || persons.size() > query.most();
        return new Found.Persons(persons.subList(0, Math.min(persons.size(), query.most())), more);
    }

    /** Nobody if the entry has no address: such a one cannot be written to. */
    private Optional<Person> person(Entry entry, Query query) {
        var addresses = new LinkedHashSet<String>();
        values(entry, What.MAIL).forEach(address -> addresses.add(address.strip()));
        for (var other : values(entry, What.OTHER_MAIL)) {
            var kind = other.toLowerCase(Locale.ROOT);
            if (kind.startsWith("smtp:")) {
                addresses.add(other.substring("smtp:".length()).strip());
            } else if (kind.indexOf(':') < 0) {
                addresses.add(other.strip());
            }
        }
        addresses.removeIf(address -> address.indexOf('@') < 1);
        if (addresses.isEmpty()) {
            return Optional.empty();
        }
        var values = new EnumMap<Person.Field, String>(Person.Field.class);
        LdapAttributes.fields()
                .forEach((what, field) ->
                        values(entry, what).stream().findFirst().ifPresent(value -> values.put(field, value)));
        return Optional.of(new Person(
                Person.Source.DIRECTORY,
                List.copyOf(distinct(addresses)),
                values,
                query.photos() ? photo(entry) : Optional.empty(),
                query.certificates() ? certificates(entry) : List.of()));
    }

    /** The same without those that differ in case alone. */
    private static List<String> distinct(Iterable<String> addresses) {
        var kept = new ArrayList<String>();
        for (var address : addresses) {
            if (kept.stream().noneMatch(address::equalsIgnoreCase)) {
                kept.add(address);
            }
        }
        return kept;
    }

    private List<String> values(Entry entry, What what) {
        for (var attribute : settings.attributes().of(what)) {
            var values = entry.getAttributeValues(attribute);
            if (values != null && values.length > 0) {
                return List.of(values);
            }
        }
        return List.of();
    }

    private Optional<Person.Photo> photo(Entry entry) {
        return Person.Photo.firstOf(bytes(entry, What.PHOTO));
    }

    private Stream<byte[]> bytes(Entry entry, What what) {
        return settings.attributes().of(what).stream().flatMap(attribute -> {
            byte @Nullable [] @Nullable [] values = entry.getAttributeValueByteArrays(attribute);
            return values == null ? Stream.<byte[]>empty() : Arrays.stream(values);
        });
    }

    /** Those that can be read. The same one may stand in both attributes. */
    private List<Person.Certificate> certificates(Entry entry) {
        var found = new LinkedHashSet<java.security.cert.Certificate>();
        Stream.concat(bytes(entry, What.CERTIFICATE), bytes(entry, What.SMIME_CERTIFICATE))
                .forEach(bytes -> {
                    try {
                        // Of PKCS #7, too: the certificates in it.
                        found.addAll(CertificateFactory.getInstance("X.509")
                                .generateCertificates(new ByteArrayInputStream(bytes)));
                    } catch (CertificateException e) {
                        LOG.debug("ldap certificate unreadable dn={}", entry.getDN(), e);
                    }
                });
        var certificates = new ArrayList<Person.Certificate>();
        for (var one : found) {
            try {
                certificates.add(new Person.Certificate(one.getEncoded()));
            } catch (CertificateEncodingException e) {
                throw new IllegalStateException("was decoded just now", e);
            }
        }
        return certificates;
    }

    @Override
    public void close() {
        pool.close();
    }
}
