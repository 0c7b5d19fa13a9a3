package org.airpost.backend.found;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import org.airpost.backend.found.Dns.Looked;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.xbill.DNS.AAAARecord;
import org.xbill.DNS.ARecord;
import org.xbill.DNS.CNAMERecord;
import org.xbill.DNS.DClass;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;
import org.xbill.DNS.Name;
import org.xbill.DNS.Rcode;
import org.xbill.DNS.Record;
import org.xbill.DNS.SRVRecord;
import org.xbill.DNS.Section;
import org.xbill.DNS.SimpleResolver;
import org.xbill.DNS.Type;

/** Against a name server of the test, over UDP. */
@Timeout(30)
class DnsjavaDnsTest {

    private static final long TTL = 60;

    private final Map<String, List<Record>> zone = new ConcurrentHashMap<>();
    private DatagramSocket server;
    private Dns dns;
    private volatile int rcode = Rcode.NOERROR;
    private volatile boolean silent;

    @BeforeEach
    void start() throws IOException {
        server = new DatagramSocket(0, InetAddress.getLoopbackAddress());
        Thread.ofVirtual().start(this::serve);
        var resolver = new SimpleResolver(InetAddress.getLoopbackAddress());
        resolver.setPort(server.getLocalPort());
        resolver.setTimeout(Duration.ofMillis(500));
        dns = DnsjavaDns.at(resolver);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private void serve() {
        var buffer = new byte[4_096];
        while (!server.isClosed()) {
            try {
                var packet = new DatagramPacket(buffer, buffer.length);
                server.receive(packet);
                if (!silent) {
                    var bytes = answer(new Message(java.util.Arrays.copyOf(buffer, packet.getLength())));
                    server.send(new DatagramPacket(bytes, bytes.length, packet.getSocketAddress()));
                }
            } catch (IOException e) {
                return; // closed: the test is over
            }
        }
    }

    private byte[] answer(Message query) {
        var question = query.getQuestion();
        var answer = new Message(query.getHeader().getID());
        answer.getHeader().setFlag(Flags.QR);
        answer.getHeader().setFlag(Flags.RA);
        answer.addRecord(question, Section.QUESTION);
        var records = Optional.ofNullable(zone.get(question.getName().toString()));
        answer.getHeader().setRcode(rcode != Rcode.NOERROR || records.isPresent() ? rcode : Rcode.NXDOMAIN);
        records.stream()
                .flatMap(List::stream)
                .filter(record -> record.getType() == question.getType() || record.getType() == Type.CNAME)
                .forEach(record -> answer.addRecord(record, Section.ANSWER));
        return answer.toWire();
    }

    private static Name name(String text) {
        return Name.fromConstantString(text);
    }

    private static SRVRecord srv(int priority, int weight, int port, String target) {
        return new SRVRecord(name("_imaps._tcp.example.net."), DClass.IN, TTL, priority, weight, port, name(target));
    }

    @Test
    void services() {
        zone.put("_imaps._tcp.example.net.", List.of(srv(0, 5, 993, "imap.example.net."), srv(10, 0, 143, ".")));
        assertThat(dns.services("_imaps._tcp.example.net"))
                .isInstanceOfSatisfying(
                        Looked.Found.class,
                        found -> assertThat((List<?>) found.records())
                                .asList()
                                .hasSize(2)
                                .contains(
                                        new Dns.Service(0, 5, 993, "imap.example.net"),
                                        new Dns.Service(10, 0, 143, ".")));
    }

    @Test
    void addressesOfBothKinds() throws UnknownHostException {
        zone.put(
                "mail.example.net.",
                List.of(
                        new ARecord(name("mail.example.net."), DClass.IN, TTL, InetAddress.ofLiteral("192.0.2.1")),
                        new AAAARecord(
                                name("mail.example.net."), DClass.IN, TTL, InetAddress.ofLiteral("2001:db8::1"))));
        assertThat(dns.addresses("mail.example.net"))
                .isInstanceOfSatisfying(
                        Looked.Found.class,
                        found -> assertThat(Discovered.addresses(found.records()))
                                .containsExactly("192.0.2.1", "2001:db8:0:0:0:0:0:1"));
    }

    @Test
    void anAlias() {
        zone.put(
                "autodiscover.example.net.",
                List.of(new CNAMERecord(name("autodiscover.example.net."), DClass.IN, TTL, name("mail.example.net."))));
        assertThat(dns.alias("autodiscover.example.net")).isEqualTo(new Looked.Found<>(List.of("mail.example.net")));
    }

    @Test
    void noNameAndNoRecordAreNone() {
        assertThat(dns.services("_imaps._tcp.example.net")).isEqualTo(new Looked.None<>());
        zone.put("mail.example.net.", List.of());
        assertThat(dns.addresses("mail.example.net")).isEqualTo(new Looked.None<>());
        assertThat(dns.addresses("a..b")).isEqualTo(new Looked.None<>());
    }

    @Test
    void aServerThatFailsOrIsSilentSaysNothingOfTheName() {
        rcode = Rcode.SERVFAIL;
        zone.put("mail.example.net.", List.of());
        assertThat(dns.addresses("mail.example.net")).isInstanceOf(Looked.Failed.class);
        silent = true;
        long start = System.nanoTime();
        assertThat(dns.services("_imaps._tcp.example.net")).isInstanceOf(Looked.Failed.class);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(10));
    }

    /** The unchecked part of reading a found record. */
    private static final class Discovered {

        private Discovered() {}

        static List<String> addresses(Object records) {
            return ((List<?>) records)
                    .stream().map(one -> ((InetAddress) one).getHostAddress()).toList();
        }
    }
}
