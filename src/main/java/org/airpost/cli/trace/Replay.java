package org.airpost.cli.trace;

import static java.nio.charset.StandardCharsets.US_ASCII;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.phone.PhoneException;
import org.airpost.phone.Repeater;
import org.airpost.phone.Reply;
import org.airpost.telemetry.TraceFile;
import org.airpost.wbxml.MalformedRequestException;
import org.airpost.wbxml.WbxmlXml;
import org.w3c.dom.Element;

/**
 * Says to a test instance what a phone has said, one request after the other, and compares the statuses. Contents that the
 * trace leaves out are made up, of the same length. Mails are sent only if that is wanted, to the user's own address.
 */
public final class Replay {

    private static final String WBXML = "application/vnd.ms-sync.wbxml";
    private static final String MULTIPART = "application/vnd.ms-sync.multipart";
    private static final int LONGEST_FILLING = 4_000;

    private final Target target;
    private final HttpClient client;
    private final Consumer<String> out;
    private final Names names = new Names();
    private final Map<ProtocolVersion, Repeater> phones = new EnumMap<>(ProtocolVersion.class);
    private int same;
    private int different;
    private int leftOut;

    /**
     * Where it is replayed.
     *
     * @param patience for an answer; what is held longer, as a Ping is, is hung up
     * @param sends whether mails are sent
     */
    public record Target(
            URI server,
            String user,
            String password,
            String deviceId,
            String address,
            Duration patience,
            boolean sends) {}

    /** How it went: requests that were answered as before, those that were not, those that were not sent. */
    public record Result(int same, int different, int leftOut) {}

    public Replay(Target target, HttpClient client, Consumer<String> out) {
        this.target = target;
        this.client = client;
        this.out = out;
    }

    /** Replays all of it. */
    public Result run(List<TraceFile.Entry> entries) {
        for (var entry : entries) {
            replay(entry);
        }
        return new Result(same, different, leftOut);
    }

    private void replay(TraceFile.Entry entry) {
        var command = CommandName.ofText(entry.command());
        var version = ProtocolVersion.ofText(entry.version());
        if (command.isEmpty() || version.isEmpty()) {
            leaveOut(entry, "its command or version is not known");
            return;
        }
        if (!target.sends() && isSending(command.get())) {
            leaveOut(entry, "it sends a mail; --send does that");
            return;
        }
        Repeater.Recorded request;
        try {
            request = request(entry, command.get());
        } catch (MalformedRequestException | IllegalArgumentException e) {
            leaveOut(entry, String.valueOf(e.getMessage()));
            return;
        }
        var phone = phones.computeIfAbsent(
                version.get(),
                at -> new Repeater(
                        client,
                        target.server(),
                        target.user(),
                        target.password(),
                        at,
                        target.deviceId(),
                        "AirpostReplay"));
        phone.policyKey(names.policyKey());
        try {
            var reply = phone.send(request, target.patience());
            if (reply.isPresent()) {
                compare(entry, reply.get());
            } else {
                // A phone that waits for news is no difference.
                leaveOut(entry, "held for %s and hung up; recorded: %s".formatted(target.patience(), entry.outcome()));
            }
        } catch (PhoneException e) {
            differs(entry, "recorded: %s; now: %s".formatted(entry.outcome(), e.getMessage()));
        }
    }

    private static boolean isSending(CommandName command) {
        return switch (command) {
            case SEND_MAIL, SMART_FORWARD, SMART_REPLY -> true;
            default -> false;
        };
    }

    // The request

    private Repeater.Recorded request(TraceFile.Entry entry, CommandName command) {
        Map<Parameter, String> parameters = new EnumMap<>(Parameter.class);
        for (var parameter : Parameter.values()) {
            Optional.ofNullable(entry.query().get(parameter.text()))
                    .ifPresent(value -> parameters.put(
                            parameter,
                            switch (parameter) {
                                case COLLECTION_ID, PARENT_ID -> names.folder(value);
                                case ITEM_ID, LONG_ID, ATTACHMENT_NAME -> names.item(value);
                                case OCCURRENCE -> value;
                            }));
        }
        boolean isMail = entry.requestType().equals("message/rfc822");
        return new Repeater.Recorded(
                command,
                parameters,
                entry.query().containsKey("SaveInSent"),
                entry.query().containsKey("AcceptMultiPart"),
                isMail ? entry.requestType() : WBXML,
                isMail ? mail() : document(entry.request()));
    }

    private byte[] document(String xml) {
        if (xml.isEmpty()) {
            return new byte[0];
        }
        var root = Xml.parse(xml)
                .orElseThrow(() -> new IllegalArgumentException("its document is not in the trace as a whole"));
        names.translate(root);
        fill(root);
        return WbxmlXml.fromXml(Xml.print(root));
    }

    /** Puts something in the place of what the trace has only the length of. */
    private void fill(Element element) {
        var length = element.getAttribute("bytes");
        if (!length.isEmpty()) {
            element.removeAttribute("bytes");
            switch (element.getLocalName()) {
                case "Mime", "MIME" -> {
                    element.setAttribute("opaque", "text");
                    element.setTextContent(new String(mail(), US_ASCII));
                }
                case "To", "Cc", "Bcc", "From", "ReplyTo" -> element.setTextContent(target.address());
                default -> element.setTextContent("x".repeat(Math.clamp(Long.parseLong(length), 1, LONGEST_FILLING)));
            }
        }
        Xml.children(element).forEach(this::fill);
    }

    private byte[] mail() {
        return "From: %s\r\nTo: %s\r\nSubject: Replay of a trace\r\n\r\nMade by airpost trace replay.\r\n"
                .formatted(target.address(), target.address())
                .getBytes(US_ASCII);
    }

    // The answer

    private void compare(TraceFile.Entry entry, Reply reply) {
        var recorded = Xml.parse(entry.answer());
        var actual = answer(reply);
        if (recorded.isPresent() && actual.isPresent()) {
            names.learn(recorded.get(), actual.get());
        }
        var differences = new ArrayList<String>();
        int http = entry.http().orElse(0);
        if (http != 0 && http != reply.status()) {
            differences.add("HTTP %d, now %d".formatted(http, reply.status()));
        }
        // An answer of which only the start was kept says nothing of what came after it.
        if (recorded.isPresent() || entry.answer().isEmpty()) {
            // An answer without a change has no status at all: that one is done is no difference.
            var before = new TreeSet<>(recorded.map(Xml::statuses).orElse(Set.of()));
            var now = new TreeSet<>(actual.map(Xml::statuses).orElse(Set.of()));
            before.removeIf(status -> isDone(entry, status));
            now.removeIf(status -> isDone(entry, status));
            before.stream()
                    .filter(status -> !now.contains(status))
                    .forEach(status -> differences.add("no more: " + status));
            now.stream()
                    .filter(status -> !before.contains(status))
                    .forEach(status -> differences.add("new: " + status));
        }
        if (differences.isEmpty()) {
            same++;
            out.accept("same       %4d %s".formatted(entry.number(), entry.command()));
        } else {
            differs(entry, String.join("; ", differences));
        }
    }

    /** Source: MS-ASCMD "Status (MoveItems)", where 3 is success. */
    private static boolean isDone(TraceFile.Entry entry, String status) {
        return status.endsWith(entry.command().equals("MoveItems") ? "/Status 3" : "/Status 1");
    }

    private static Optional<Element> answer(Reply reply) {
        if (reply.status() != 200 || reply.isEmpty()) {
            return Optional.empty();
        }
        try {
            return switch (reply.contentType()) {
                case WBXML -> Xml.parse(WbxmlXml.toXml(reply.body()));
                case MULTIPART -> Xml.parse(WbxmlXml.toXml(firstPart(reply.body())));
                default -> Optional.empty();
            };
        } catch (MalformedRequestException | IOException e) {
            return Optional.empty();
        }
    }

    /** Source: MS-ASHTTP "MultiPartResponse": a count, then offset and length of each part. */
    private static byte[] firstPart(byte[] body) throws IOException {
        var table = ByteBuffer.wrap(body).order(ByteOrder.LITTLE_ENDIAN);
        int offset = table.getInt(4);
        int length = table.getInt(8);
        try (var in = new ByteArrayInputStream(body, offset, length)) {
            return in.readAllBytes();
        }
    }

    private void differs(TraceFile.Entry entry, String what) {
        different++;
        out.accept("DIFFERENT  %4d %s: %s".formatted(entry.number(), entry.command(), what));
    }

    private void leaveOut(TraceFile.Entry entry, String why) {
        leftOut++;
        out.accept("left out   %4d %s: %s".formatted(entry.number(), entry.command(), why));
    }
}
