package org.airpost.backend.carddav;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;
import org.airpost.backend.Account;
import org.airpost.backend.Directory;
import org.airpost.backend.Person;
import org.airpost.backend.Tls;
import org.airpost.backend.carddav.MultiStatus.Resource;

/** The people of a user's address books on a CardDAV server. Source: RFC 6352 §8.6. */
public final class CardDavDirectory implements Directory, AutoCloseable {

    /** Books of a user that are looked into. */
    private static final int MOST_BOOKS = 5;

    private static final int LARGEST_ANSWER = 16 << 20;

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

    /** Connects to nobody yet. A CA file that cannot be read is an IllegalArgumentException that names it. */
    public CardDavDirectory(CardDavSettings settings) {
        this.settings = settings;
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
        return people(account, filter(words), query).match(found -> {
            var matching = found.stream()
                    .filter(person -> person.matches(words))
                    .sorted(Comparator.comparing(person -> person.displayName().toLowerCase(Locale.ROOT)))
                    .toList();
            return new Found.Persons(
                    matching.subList(0, Math.min(matching.size(), query.most())), matching.size() > query.most());
        });
    }

    /** The addresses of all people in the books; none if nobody can say now. */
    public List<String> addresses(Account account) {
        var found = new ArrayList<String>();
        people(account, "<C:prop-filter name=\"EMAIL\"/>", new Query("", Integer.MAX_VALUE))
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

    private People people(Account account, String filter, Query query) {
        long end = System.nanoTime() + settings.timeLimit().toNanos();
        try {
            var people = new ArrayList<Person>();
            for (var book : books(account, end)) {
                for (var resource : ask(account, "REPORT", book, "1", report(filter), end)) {
                    if (!resource.card().isEmpty()) {
                        people.addAll(Cards.read(resource.card(), query));
                    }
                }
            }
            return new People(people, Optional.empty());
        } catch (TimeoutException e) {
            return new People(List.of(), Optional.of(new Found.TimedOut("carddav " + settings.url())));
        } catch (IOException e) {
            books.invalidate(account.user()); // perhaps one of them is gone
            return new People(List.of(), Optional.of(new Found.Unavailable("carddav " + settings.url() + ": " + e)));
        }
    }

    private List<URI> books(Account account, long end) throws IOException, TimeoutException {
        var kept = Optional.ofNullable(books.getIfPresent(account.user()));
        if (kept.isPresent()) {
            return kept.get();
        }
        var place = settings.of(account);
        var found = ask(account, "PROPFIND", place, "1", WHERE, end).stream()
                .filter(Resource::isBook)
                .map(resource -> place.resolve(resource.href()))
                // Only of this server: the password goes there.
                .filter(uri -> place.getScheme().equals(uri.getScheme())
                        && place.getAuthority().equals(uri.getAuthority()))
                .limit(MOST_BOOKS)
                .toList();
        books.put(account.user(), found);
        return found;
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

    private List<Resource> ask(Account account, String method, URI place, String depth, String body, long end)
            throws IOException, TimeoutException {
        try {
            return askOnce(account, method, place, depth, body, end);
        } catch (LostException e) {
            // A server may have closed a connection that was kept; these methods change nothing, so they may be
            // repeated.
            return askOnce(account, method, place, depth, body, end);
        }
    }

    /** The connection ended before an answer. */
    private static final class LostException extends IOException {
        private static final long serialVersionUID = 1L;

        LostException(Throwable cause) {
            super(cause.toString(), cause);
        }
    }

    private List<Resource> askOnce(Account account, String method, URI place, String depth, String body, long end)
            throws IOException, TimeoutException {
        var left = Duration.ofNanos(end - System.nanoTime());
        if (left.toMillis() <= 0) {
            throw new TimeoutException();
        }
        var login = account.credentials().user() + ":" + account.credentials().password();
        var request = HttpRequest.newBuilder(place)
                .timeout(left)
                .header("Authorization", "Basic " + Base64.getEncoder().encodeToString(login.getBytes(UTF_8)))
                .header("Depth", depth)
                .header("Content-Type", "application/xml; charset=utf-8")
                .method(method, HttpRequest.BodyPublishers.ofString(body))
                .build();
        try {
            return MultiStatus.read(
                    new ByteArrayInputStream(http.sendAsync(request, HttpResponse.BodyHandlers.ofInputStream())
                            .thenApply(CardDavDirectory::read)
                            .get(left.toMillis(), TimeUnit.MILLISECONDS)));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException("interrupted", e);
        } catch (ExecutionException e) {
            var cause = Optional.ofNullable(e.getCause()).orElse(e);
            throw switch (cause) {
                case HttpTimeoutException _ -> timeout(e);
                case IOException io -> new LostException(io);
                default -> new IOException(cause.toString(), e);
            };
        }
    }

    private static IOException timeout(ExecutionException e) throws TimeoutException {
        var timeout = new TimeoutException();
        timeout.initCause(e);
        throw timeout;
    }

    private static byte[] read(HttpResponse<InputStream> response) {
        try (var in = response.body()) {
            if (response.statusCode() != 207) {
                throw new UncheckedIOException(new IOException("HTTP " + response.statusCode()));
            }
            var bytes = in.readNBytes(LARGEST_ANSWER + 1);
            if (bytes.length > LARGEST_ANSWER) {
                throw new UncheckedIOException(
                        new IOException("an answer of more than %d bytes".formatted(LARGEST_ANSWER)));
            }
            return bytes;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        http.shutdownNow();
    }
}
