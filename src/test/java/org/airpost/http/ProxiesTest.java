package org.airpost.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.airpost.command.Answer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.slf4j.LoggerFactory;

/** Whose word about a phone's address is taken; seen in the log, where a refused request has it. */
class ProxiesTest {

    private static final Logger LOGGER = (Logger) LoggerFactory.getLogger("org.airpost.http");
    private static final String V1 = "PROXY TCP4 203.0.113.7 192.0.2.1 50000 443\r\n";

    private final ListAppender<ILoggingEvent> log = new ListAppender<>();

    @BeforeEach
    void listen() {
        log.start();
        LOGGER.addAppender(log);
    }

    @AfterEach
    void listenNoMore() {
        LOGGER.detachAppender(log);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // No proxy: whoever connects is the client, whatever he says.
                "192.0.2.9 | 203.0.113.7                           | 192.0.2.9",
                "192.0.2.9 | ''                                    | 192.0.2.9",
                // The last address that a proxy has written down, and not what the client wrote before it.
                "10.1.1.1  | 203.0.113.7                           | 203.0.113.7",
                "10.1.1.1  | 198.51.100.1, 203.0.113.7             | 203.0.113.7",
                "10.1.1.1  | 203.0.113.7, 10.2.2.2                 | 203.0.113.7",
                "10.1.1.1  | 203.0.113.7:4711                      | 203.0.113.7",
                "10.1.1.1  | [2001:db8::7]:4711                    | 2001:db8:0:0:0:0:0:7",
                "fd00::1   | 203.0.113.7                           | 203.0.113.7",
                // Nothing to believe.
                "10.1.1.1  | unknown                               | 10.1.1.1",
                "10.1.1.1  | ''                                    | 10.1.1.1",
                "10.1.1.1  | 203.0.113.7, <script>                 | 10.1.1.1",
                "10.1.1.1  | 10.2.2.2                              | 10.2.2.2",
            })
    void aClientIsTheLastOneThatAProxyHasSeen(String peer, String forwardedFor, String client) {
        var proxies = Proxies.of(List.of("10.0.0.0/8", "fd00::1"));
        assertThat(proxies.client(new InetSocketAddress(peer, 1234), forwardedFor))
                .isEqualTo(client);
    }

    @Test
    void forwardedForCountsFromAProxyAlone() throws Exception {
        try (var gateway = behind("127.0.0.1")) {
            gateway.send(gateway.request(TestGateway.PING)
                    .header("X-Forwarded-For", "198.51.100.1")
                    .header("X-Forwarded-For", "203.0.113.7")
                    .setHeader("Authorization", "Basic eDp5")
                    .GET());
            assertThat(refusedFrom("203.0.113.7")).isTrue();
        }
        log.list.clear();
        try (var gateway = behind("192.0.2.1")) {
            gateway.send(gateway.request(TestGateway.PING)
                    .header("X-Forwarded-For", "203.0.113.7")
                    .GET());
            assertThat(refusedFrom("127.0.0.1")).isTrue();
        }
    }

    @Test
    void theProxyProtocolNamesTheClientOfAllRequestsOfAConnection() throws Exception {
        for (var header : List.of(V1.getBytes(StandardCharsets.US_ASCII), version2())) {
            log.list.clear();
            try (var gateway = behind("127.0.0.0/8");
                    var phone = gateway.raw()) {
                phone.send(header).send(unauthorised());
                assertThat(phone.read().status()).isEqualTo(401);
                assertThat(refusedFrom("203.0.113.7")).isTrue();
                log.list.clear();
                phone.send(unauthorised());
                assertThat(phone.read().status()).isEqualTo(401);
                assertThat(refusedFrom("203.0.113.7")).isTrue();
            }
        }
    }

    @Test
    void aHeaderThatComesByteForByteIsRead() throws Exception {
        try (var gateway = behind("127.0.0.1");
                var phone = gateway.raw()) {
            for (byte one : V1.getBytes(StandardCharsets.US_ASCII)) {
                phone.send(new byte[] {one});
            }
            phone.send(unauthorised());
            assertThat(phone.read().status()).isEqualTo(401);
            assertThat(refusedFrom("203.0.113.7")).isTrue();
        }
    }

    @Test
    void aProxyMayComeWithoutAHeader() throws Exception {
        try (var gateway = behind("127.0.0.1")) {
            assertThat(gateway.post(TestGateway.PING, new byte[0]).statusCode()).isEqualTo(200);
        }
    }

    @Test
    void aHeaderFromSomebodyElseClosesTheConnectionAndIsLogged() throws Exception {
        try (var gateway = behind("192.0.2.1");
                var phone = gateway.raw()) {
            phone.send(V1);
            assertThat(phone.readToEnd()).isEmpty();
            await().atMost(Duration.ofSeconds(10))
                    .until(() -> messages().anyMatch(line -> line.contains("http.proxies does not name it")));
            assertThat(gateway.post(TestGateway.PING, new byte[0]).statusCode()).isEqualTo(200);
        }
    }

    private static TestGateway behind(String proxy) {
        return TestGateway.start(s -> s.withProxies(Proxies.of(List.of(proxy))), _ -> new Answer.Empty());
    }

    private static String unauthorised() {
        return TestGateway.head(TestGateway.PING, Map.of("Content-Length", "0"));
    }

    private static byte[] version2() {
        byte[] start = {0x0D, 0x0A, 0x0D, 0x0A, 0x00, 0x0D, 0x0A, 0x51, 0x55, 0x49, 0x54, 0x0A, 0x21, 0x11, 0, 12};
        byte[] addresses = {(byte) 203, 0, 113, 7, (byte) 192, 0, 2, 1, (byte) 0xC3, 0x50, 1, (byte) 0xBB};
        var all = new byte[start.length + addresses.length];
        System.arraycopy(start, 0, all, 0, start.length);
        System.arraycopy(addresses, 0, all, start.length, addresses.length);
        return all;
    }

    private Stream<String> messages() {
        return List.copyOf(log.list).stream().map(ILoggingEvent::getFormattedMessage);
    }

    private boolean refusedFrom(String address) {
        return messages()
                .anyMatch(line -> line.contains("request refused") && line.contains("remote=" + address + " "));
    }
}
