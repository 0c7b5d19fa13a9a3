package org.airpost.backend.carddav;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.Account;
import org.airpost.backend.Credentials;
import org.airpost.backend.Directory.Found;
import org.airpost.backend.Directory.Query;
import org.airpost.backend.RefusingMail;
import org.airpost.backend.Trust;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What DAV servers may do wrong. */
@Timeout(30)
class ScriptedDavTest {

    private static final Account ANNA = new Account(
            "anna",
            new Credentials("anna", "secret"),
            new RefusingMail() {},
            List.of("anna@example.org"),
            "anna@example.org");

    private static Found of(int status, String location, String body) throws IOException {
        return of(status, location, body, new CountDownLatch(0));
    }

    private static Found of(int status, String location, String body, CountDownLatch before) throws IOException {
        return of(status, location, body, before, ANNA, new ArrayList<>());
    }

    private static Found of(
            int status, String location, String body, CountDownLatch before, Account account, List<String> heard)
            throws IOException {
        var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        var asked = new AtomicInteger();
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", exchange -> {
            asked.incrementAndGet();
            heard.add(exchange.getRequestURI() + " "
                    + exchange.getRequestHeaders().getFirst("Authorization"));
            try (exchange) {
                before.await();
                if (!location.isEmpty()) {
                    exchange.getResponseHeaders().set("Location", location);
                }
                var bytes = body.getBytes(UTF_8);
                exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
                exchange.getResponseBody().write(bytes);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        http.start();
        var url = "http://127.0.0.1:%d/{user}/".formatted(http.getAddress().getPort());
        try (var directory =
                new CardDavDirectory(new CardDavSettings(url, new Trust.Platform(), Duration.ofMillis(700)))) {
            return directory.find(account, new Query("bob", 5));
        } finally {
            before.countDown();
            http.stop(0);
        }
    }

    @Test
    void aServerThatDoesNotAnswerIsTooSlow() throws IOException {
        long began = System.nanoTime();
        assertThat(of(207, "", "", new CountDownLatch(1))).isInstanceOf(Found.TimedOut.class);
        assertThat(Duration.ofNanos(System.nanoTime() - began)).isLessThan(Duration.ofSeconds(10));
    }

    @Test
    void aMasterUserAsksForTheUsersOwnBook() throws IOException {
        var heard = new ArrayList<String>();
        of(500, "", "", new CountDownLatch(0), with(new Credentials("anna", "master", "", "anna*root", "")), heard);
        var login = Base64.getEncoder().encodeToString("anna*root:master".getBytes(UTF_8));
        assertThat(heard).isNotEmpty().allMatch(line -> line.equals("/anna/ Basic " + login));
        heard.clear();
        assertThat(of(
                        207,
                        "",
                        "",
                        new CountDownLatch(0),
                        with(new Credentials("anna", "m", "", "root", "anna")),
                        heard))
                .isInstanceOf(Found.Unavailable.class);
        assertThat(heard).as("Basic authentication cannot say for whom").isEmpty();
    }

    private static Account with(Credentials credentials) {
        return new Account("anna", credentials, new RefusingMail() {}, List.of("anna@example.org"), "anna@example.org");
    }

    @Test
    void whatIsNoAnswerIsAnAbsence() throws IOException {
        assertThat(of(207, "", "no XML")).isInstanceOf(Found.Unavailable.class);
        assertThat(of(200, "", "<html/>")).isInstanceOf(Found.Unavailable.class);
        assertThat(of(500, "", "")).isInstanceOf(Found.Unavailable.class);
        assertThat(of(302, "http://127.0.0.1:1/", ""))
                .as("a redirect, to where the password does not go")
                .isInstanceOf(Found.Unavailable.class);
        assertThat(of(207, "", "<!DOCTYPE x [<!ENTITY e SYSTEM \"file:///etc/passwd\">]><x>&e;</x>"))
                .isInstanceOf(Found.Unavailable.class);
    }

    @Test
    void aBookOfAnotherServerIsNotAsked() throws IOException {
        var answer = """
                <D:multistatus xmlns:D="DAV:" xmlns:C="urn:ietf:params:xml:ns:carddav"><D:response>
                <D:href>http://elsewhere.invalid/book/</D:href><D:propstat><D:prop><D:resourcetype><C:addressbook/>
                </D:resourcetype></D:prop></D:propstat></D:response></D:multistatus>
                """;
        assertThat(of(207, "", answer)).isEqualTo(new Found.Persons(List.of(), false));
    }

    @Test
    void aBookWithASpaceIsAskedAndACardThatCannotBeReadHidesNoOther() throws IOException {
        var book = "<D:response><D:href>%s</D:href><D:propstat><D:prop><D:resourcetype><C:addressbook/>"
                + "</D:resourcetype></D:prop></D:propstat></D:response>";
        var card = "<D:response><D:href>/c</D:href><D:propstat><D:prop><C:address-data>BEGIN:VCARD\r\nVERSION:3.0\r\n"
                + "FN:Bob\r\nEMAIL:%s\r\nTZ:%s\r\nEND:VCARD\r\n</C:address-data></D:prop></D:propstat></D:response>";
        var answer = "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'>"
                + book.formatted("/anna/My Book 100%/") + book.formatted("http://[nowhere/")
                + card.formatted("first@example.org", "+01:00") + card.formatted("odd@example.org", "+99:00")
                + card.formatted("last@example.org", "") + "</D:multistatus>";
        var heard = new ArrayList<String>();
        var found = (Found.Persons) of(207, "", answer, new CountDownLatch(0), ANNA, heard);
        assertThat(found.persons())
                .extracting(person -> person.addresses().getFirst())
                .contains("first@example.org", "last@example.org");
        assertThat(heard).anyMatch(line -> line.startsWith("/anna/My%20Book%20100%25/ "));
    }

    private static CardDavSettings settings(String url, Duration limit) {
        return new CardDavSettings(url, new Trust.Platform(), limit);
    }

    @Test
    void httpToAnotherMachineShowsPasswords() {
        assertThat(List.of("http://dav.example.org/{user}/", "http://10.1.1.1:80/", "http://{domain}/x"))
                .allMatch(url -> settings(url, Duration.ofSeconds(1)).showsPasswords());
        assertThat(List.of(
                        "https://dav.example.org/",
                        "http://127.0.0.1:5232/{user}/",
                        "http://[::1]/",
                        "http://localhost/"))
                .noneMatch(url -> settings(url, Duration.ofSeconds(1)).showsPasswords());
    }

    @Test
    void allBooksOfASearchHaveOneBound() throws IOException {
        var book = """
                <D:response><D:href>/book%d/</D:href><D:propstat><D:prop><D:resourcetype><C:addressbook/>
                </D:resourcetype></D:prop></D:propstat></D:response>
                """;
        var multiStatus = "<D:multistatus xmlns:D='DAV:' xmlns:C='urn:ietf:params:xml:ns:carddav'>%s</D:multistatus>";
        var books = multiStatus.formatted(book.formatted(1) + book.formatted(2)).getBytes(UTF_8);
        var large = multiStatus.formatted(" ".repeat(9 << 20)).getBytes(UTF_8);
        var running = new AtomicInteger();
        var mostRunning = new AtomicInteger();
        var http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 10);
        http.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        http.createContext("/", exchange -> {
            mostRunning.accumulateAndGet(running.incrementAndGet(), Math::max);
            try (exchange) {
                var bytes = exchange.getRequestMethod().equals("PROPFIND") ? books : large;
                exchange.sendResponseHeaders(207, bytes.length);
                running.decrementAndGet();
                exchange.getResponseBody().write(bytes);
            }
        });
        http.start();
        var url = "http://127.0.0.1:%d/{user}/".formatted(http.getAddress().getPort());
        try (var directory = new CardDavDirectory(settings(url, Duration.ofSeconds(20)));
                var threads = Executors.newVirtualThreadPerTaskExecutor()) {
            var second = threads.submit(() -> directory.find(ANNA, new Query("bob", 5)));
            for (var found : List.of(directory.find(ANNA, new Query("bob", 5)), second.get())) {
                assertThat(found).isInstanceOf(Found.Unavailable.class);
                assertThat(((Found.Unavailable) found).words()).contains("answers of more than");
            }
            assertThat(mostRunning).as("one search of a user at a time").hasValue(1);
        } catch (InterruptedException | ExecutionException e) {
            throw new AssertionError(e);
        } finally {
            http.stop(0);
        }
    }
}
