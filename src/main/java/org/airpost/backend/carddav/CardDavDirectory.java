package org.airpost.backend.carddav;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.regex.Pattern;
import org.airpost.backend.Account;
import org.airpost.backend.Directory;
import org.airpost.backend.LimitedHttp;
import org.airpost.backend.Person;
import org.airpost.backend.Tls;
import org.airpost.backend.carddav.MultiStatus.Resource;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The people of a user's address books on a CardDAV server. Source: RFC 6352 §8.6. */
public final class CardDavDirectory implements Directory, AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(CardDavDirectory.class);

    /** Books of a user that are looked into. */
    private static final int MOST_BOOKS = 5;

    /** Of all books of one search together. */
    private static final int LARGEST_ANSWERS = 16 << 20;

    private static final Pattern NOT_IN_ADDRESSES = Pattern.compile("[\\x00-\\x20\"<>\\\\^`{|}]|%(?![0-9A-Fa-f]{2})");

    private static final String WHERE = """
            <?xml version="1.0" encoding="utf-8"?>
            <D:propfind xmlns:D="DAV:"><D:prop><D:resourcetype/></D:prop></D:propfind>
            """;

    private final CardDavSettings settings;
    private final HttpClient http;

    /** Which books a user has. */
    private final Cache<String, List<URI>> books = Caffeine.newBuilder()
            .maximumSize(10_000)
            .expireAfterWrite(Duration.ofMinutes(10))
            .build();

    /** The searches that go on, one of a user. */
    private final Map<String, Search> searches = new ConcurrentHashMap<>();

    /** What one search may still take. */
    private static final class Search {
        private final long end;
        private final CountDownLatch ended = new CountDownLatch(1);
        private int bytesLeft = LARGEST_ANSWERS;

        private Search(Duration limit) {
            this.end = System.nanoTime() + limit.toNanos();
        }

        private Duration left() {
            return Duration.ofNanos(end - System.nanoTime());
        }
    }

    /** Connects to nobody yet. A CA file that cannot be read is an IllegalArgumentException that names it. */
    public CardDavDirectory(CardDavSettings settings) {
        this.settings = settings;
        if (settings.showsPasswords()) {
            LOG.warn("carddav passwords of users go over the network unencrypted url={}: use https", settings.url());
        }
        this.http = HttpClient.newBuilder()
                .version(HttpClient.Version.HTTP_1_1)
                .connectTimeout(settings.timeLimit())
                .followRedirects(HttpClient.Redirect.NEVER)
                .sslContext(new Tls(settings.trust()).context())
                .executor(Thread::startVirtualThread)
                .build();
    }

    @Override
    public Found find(Account account, Query query) {
        var words = query.words().strip();
        if (words.isEmpty()) {
            return new Found.Persons(List.of(), false);
        }
        return people(account, filter(words), query, person -> person.matches(words))
                .match(found -> {
                    var matching = found.stream()
                            .sorted(Comparator.comparing(
                                    person -> person.displayName().toLowerCase(Locale.ROOT)))
                            .toList();
                    return new Found.Persons(
                            matching.subList(0, Math.min(matching.size(), query.most())),
                            matching.size() > query.most());
                });
    }

    /** The addresses of all people in the books; none if nobody can say now. */
    public List<String> addresses(Account account) {
        var found = new ArrayList<String>();
        people(account, "<C:prop-filter name=\"EMAIL\"/>", new Query("", Integer.MAX_VALUE), _ -> true)
                .match(people -> {
                    people.forEach(person -> found.addAll(person.addresses()));
                    return new Found.Persons(List.of(), false);
                });
        return found;
    }

    /** People, or why there are none. */
    private record People(List<Person> found, Optional<Found> failure) {

        Found match(Function<List<Person>, Found> then) {
            return failure.orElseGet(() -> then.apply(found));
        }
    }

    private People people(Account account, String filter, Query query, Predicate<Person> keeps) {
        var search = new Search(settings.timeLimit());
        try {
            begin(account.user(), search);
            var people = new ArrayList<Person>();
            for (var book : books(account, search)) {
                for (var resource : ask(account, "REPORT", book, "1", report(filter), search)) {
                    read(resource, query).stream().filter(keeps).forEach(people::add);
                }
            }
            return new People(people, Optional.empty());
        } catch (TimeoutException e) {
            return new People(List.of(), Optional.of(new Found.TimedOut("carddav " + settings.url())));
        } catch (IOException e) {
            books.invalidate(account.user()); // perhaps one of them is gone
            return new People(List.of(), Optional.of(new Found.Unavailable("carddav " + settings.url() + ": " + e)));
        } finally {
            searches.remove(account.user(), search);
            search.ended.countDown();
        }
    }

    /** One card that cannot be read does not hide the others: the library stumbles over a zone of 99 hours, say. */
    private static List<Person> read(Resource resource, Query query) {
        try {
            return resource.card().isEmpty() ? List.of() : Cards.read(resource.card(), query);
        } catch (RuntimeException e) {
            LOG.warn(
                    "carddav card unreadable href={} reason={}",
                    resource.href(),
                    e.getClass().getSimpleName());
            LOG.debug("carddav card unreadable", e);
            return List.of();
        }
    }

    /** Waits, within the limit of time, until no other search of this user goes on. */
    private void begin(String user, Search search) throws IOException, TimeoutException {
        try {
            for (var other = searches.putIfAbsent(user, search); other != null; ) {
                if (!other.ended.await(search.left().toNanos(), TimeUnit.NANOSECONDS)) {
                    throw new TimeoutException();
                }
                other = searches.putIfAbsent(user, search);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        }
    }

    private List<URI> books(Account account, Search search) throws IOException, TimeoutException {
        var kept = Optional.ofNullable(books.getIfPresent(account.user()));
        if (kept.isPresent()) {
            return kept.get();
        }
        var place = settings.of(account);
        var found = ask(account, "PROPFIND", place, "1", WHERE, search).stream()
                .filter(Resource::isBook)
                .flatMap(resource -> resolved(place, resource.href()).stream())
                // Only of this server: the password goes there.
                .filter(uri -> place.getScheme().equals(uri.getScheme())
                        && place.getAuthority().equals(uri.getAuthority()))
                .limit(MOST_BOOKS)
                .toList();
        books.put(account.user(), found);
        return found;
    }

    /** Where a resource is; what may not stand in an address is escaped, as some servers forget it for the space in My Book. */
    private static Optional<URI> resolved(URI place, String href) {
        var escaped = NOT_IN_ADDRESSES
                .matcher(href)
                .replaceAll(found -> "%%%02X".formatted((int) found.group().charAt(0)));
        try {
            return Optional.of(place.resolve(escaped));
        } catch (IllegalArgumentException e) {
            LOG.warn("carddav address of a book unreadable href={}", href);
            return Optional.empty();
        }
    }

    /**
     * A filter for what may match; who really does is found out afterwards. Numbers are written in too many ways to be left
     * to the server.
     */
    private static String filter(String words) {
        if (Person.isNumber(words)) {
            return "<C:prop-filter name=\"TEL\"/>";
        }
        var first = words.split("\\s+", 0)[0];
        var filter = new StringBuilder();
        // Not N: Radicale 3.1 answers 500 to a text-match on it, and FN has the same words.
        for (var property : List.of("FN", "NICKNAME", "EMAIL")) {
            filter.append("<C:prop-filter name=\"")
                    .append(property)
                    .append("\"><C:text-match collation=\"i;unicode-casemap\" match-type=\"contains\">")
                    .append(escaped(first))
                    .append("</C:text-match></C:prop-filter>");
        }
        return filter.toString();
    }

    private static String escaped(String text) {
        return text.replaceAll("[\\x00-\\x1F\\x7F]", "")
                .replace("&", "&amp;")
                .replace("<", "&lt;")
                .replace(">", "&gt;");
    }

    private static String report(String filter) {
        return """
                <?xml version="1.0" encoding="utf-8"?>
                <C:addressbook-query xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav">
                  <D:prop><C:address-data/></D:prop>
                  <C:filter test="anyof">%s</C:filter>
                </C:addressbook-query>
                """.formatted(filter);
    }

    private List<Resource> ask(Account account, String method, URI place, String depth, String body, Search search)
            throws IOException, TimeoutException {
        try {
            return askOnce(account, method, place, depth, body, search);
        } catch (LostException e) {
            // A server may have closed a connection that was kept; these methods change nothing, so they may be
            // repeated.
            return askOnce(account, method, place, depth, body, search);
        }
    }

    /** The connection ended before an answer. */
    private static final class LostException extends IOException {
        private static final long serialVersionUID = 1L;

        LostException(Throwable cause) {
            super(cause.toString(), cause);
        }
    }

    private List<Resource> askOnce(Account account, String method, URI place, String depth, String body, Search search)
            throws IOException, TimeoutException {
        var left = search.left();
        if (left.toMillis() <= 0) {
            throw new TimeoutException();
        }
        var request = HttpRequest.newBuilder(place)
                .header("Authorization", account.credentials().basic())
                .header("Depth", depth)
                .header("Content-Type", "application/xml; charset=utf-8")
                .method(method, HttpRequest.BodyPublishers.ofString(body));
        var answer = sent(request, search, left);
        if (answer.status() != 207) {
            throw new IOException("HTTP " + answer.status());
        }
        search.bytesLeft -= answer.body().length;
        if (answer.isCut()) {
            throw new IOException("answers of more than %d bytes".formatted(LARGEST_ANSWERS));
        }
        return MultiStatus.read(new ByteArrayInputStream(answer.body()));
    }

    private LimitedHttp.Answer sent(HttpRequest.Builder request, Search search, Duration left)
            throws IOException, TimeoutException {
        try {
            return LimitedHttp.send(http, request, 207, search.bytesLeft, left);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (IOException e) {
            throw new LostException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
