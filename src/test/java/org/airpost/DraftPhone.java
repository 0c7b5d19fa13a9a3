package org.airpost;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.airpost.phone.Phone;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/** The part of a phone at 16.1 that writes drafts, beside the strict one that it has signed in with. */
final class DraftPhone {

    private final HttpClient client = HttpClient.newHttpClient();
    private final URI server;
    private final String user;
    private final String deviceId;
    private final Phone phone;
    private final String folder;
    private byte[] lastRequest = {};
    private String key = "0";

    /** What the phone has in its folder of drafts: subjects by ServerId. */
    final Map<String, String> drafts = new HashMap<>();

    DraftPhone(URI server, String user, String deviceId, Phone phone, String folder) {
        this.server = server;
        this.user = user;
        this.deviceId = deviceId;
        this.phone = phone;
        this.folder = folder;
    }

    /**
     * An answer to a Sync.
     *
     * @param ids of what was added, by ClientId
     * @param files FileReferences of attachments, by their ClientId
     * @param statuses by ClientId or ServerId, where there is a Response
     */
    record Answer(Map<String, String> ids, Map<String, String> files, Map<String, Integer> statuses) {}

    static Consumer<WbxmlWriter> add(String clientId, boolean send, Consumer<WbxmlWriter> data) {
        return out -> {
            out.start(AirSync.ADD).text(AirSync.CLIENT_ID, clientId);
            end(out, send, data);
        };
    }

    static Consumer<WbxmlWriter> change(String serverId, boolean send, Consumer<WbxmlWriter> data) {
        return out -> {
            out.start(AirSync.CHANGE).text(AirSync.SERVER_ID, serverId);
            end(out, send, data);
        };
    }

    /** Sends a draft as it is. */
    static Consumer<WbxmlWriter> send(String serverId) {
        return out -> out.start(AirSync.CHANGE)
                .text(AirSync.SERVER_ID, serverId)
                .empty(Email2.SEND)
                .end();
    }

    private static void end(WbxmlWriter out, boolean send, Consumer<WbxmlWriter> data) {
        if (send) {
            out.empty(Email2.SEND);
        }
        out.start(AirSync.APPLICATION_DATA);
        data.accept(out);
        out.end().end();
    }

    /** Does these commands, one after the other in one request; without any, only asks for news. */
    Answer sync(List<Consumer<WbxmlWriter>> commands) throws IOException, InterruptedException {
        if (key.equals("0")) {
            take(post(request(List.of())));
        }
        lastRequest = request(commands);
        return take(post(lastRequest));
    }

    /** The same, and the answer is lost. */
    void syncAndLoseTheAnswer(List<Consumer<WbxmlWriter>> commands) throws IOException, InterruptedException {
        lastRequest = request(commands);
        post(lastRequest);
    }

    /** The last request once more, byte for byte. */
    Answer repeat() throws IOException, InterruptedException {
        return take(post(lastRequest));
    }

    private byte[] request(List<Consumer<WbxmlWriter>> commands) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(AirSync.SYNC).start(AirSync.COLLECTIONS).start(AirSync.COLLECTION);
            out.text(AirSync.SYNC_KEY, key).text(AirSync.COLLECTION_ID, folder);
            if (!commands.isEmpty()) {
                out.start(AirSync.OPTIONS).text(AirSync.CONFLICT, 1).end();
                out.start(AirSync.COMMANDS);
                commands.forEach(command -> command.accept(out));
                out.end();
            }
            out.end().end().end();
        }
        return bytes.toByteArray();
    }

    private byte[] post(byte[] document) throws IOException, InterruptedException {
        var password = Base64.getEncoder().encodeToString((user + ":secret").getBytes(StandardCharsets.UTF_8));
        var request = HttpRequest.newBuilder(server.resolve(
                        "/Microsoft-Server-ActiveSync?Cmd=Sync&User=%s&DeviceId=%s&DeviceType=AirpostPhone"
                                .formatted(user, deviceId)))
                .header("Authorization", "Basic " + password)
                .header("MS-ASProtocolVersion", "16.1")
                .header("X-MS-PolicyKey", phone.policyKey().orElse(0L).toString())
                .header("Content-Type", "application/vnd.ms-sync.wbxml")
                .timeout(Duration.ofSeconds(60))
                .POST(HttpRequest.BodyPublishers.ofByteArray(document))
                .build();
        var response = client.send(request, HttpResponse.BodyHandlers.ofByteArray());
        if (response.statusCode() != 200) {
            throw new IOException("HTTP " + response.statusCode());
        }
        return response.body();
    }

    private Answer take(byte[] document) throws IOException {
        var answer = new Answer(new HashMap<>(), new HashMap<>(), new HashMap<>());
        if (document.length == 0) {
            return answer;
        }
        var in = new WbxmlReader(new ByteArrayInputStream(document), WbxmlLimits.REQUEST);
        in.root(AirSync.SYNC);
        while (in.child()) {
            while (in.child()) {
                while (in.child()) {
                    switch (in.tag()) {
                        case AirSync.SYNC_KEY -> key = in.text();
                        case AirSync.STATUS -> {
                            var status = in.text();
                            if (!status.equals("1")) {
                                throw new IOException("Status " + status);
                            }
                        }
                        case AirSync.RESPONSES -> readResponses(in, answer);
                        case AirSync.COMMANDS -> readCommands(in);
                        default -> in.skip();
                    }
                }
            }
        }
        return answer;
    }

    private static void readResponses(WbxmlReader in, Answer answer) {
        while (in.child()) {
            var clientId = "";
            var serverId = "";
            int status = 0;
            while (in.child()) {
                switch (in.tag()) {
                    case AirSync.CLIENT_ID -> clientId = in.text();
                    case AirSync.SERVER_ID -> serverId = in.text();
                    case AirSync.STATUS -> status = (int) in.number(0, 1_000);
                    case AirSync.APPLICATION_DATA -> readFiles(in, answer.files());
                    default -> in.skip();
                }
            }
            answer.ids().put(clientId, serverId);
            answer.statuses().put(clientId.isEmpty() ? serverId : clientId, status);
        }
    }

    private static void readFiles(WbxmlReader in, Map<String, String> files) {
        while (in.child()) {
            if (in.tag() != AirSyncBase.ATTACHMENTS) {
                in.skip();
                continue;
            }
            while (in.child()) {
                var names = new ArrayList<>(List.of("", ""));
                while (in.child()) {
                    switch (in.tag()) {
                        case AirSyncBase.CLIENT_ID -> names.set(0, in.text());
                        case AirSyncBase.FILE_REFERENCE -> names.set(1, in.text());
                        default -> in.skip();
                    }
                }
                files.put(names.getFirst(), names.getLast());
            }
        }
    }

    private void readCommands(WbxmlReader in) {
        while (in.child()) {
            boolean gone = in.tag() == AirSync.DELETE || in.tag() == AirSync.SOFT_DELETE;
            var id = "";
            var subject = "";
            while (in.child()) {
                switch (in.tag()) {
                    case AirSync.SERVER_ID -> id = in.text();
                    case AirSync.APPLICATION_DATA -> {
                        while (in.child()) {
                            if (in.tag() == Email.SUBJECT) {
                                subject = in.text();
                            } else {
                                in.skip();
                            }
                        }
                    }
                    default -> in.skip();
                }
            }
            if (gone) {
                drafts.remove(id);
            } else {
                drafts.put(id, subject);
            }
        }
    }
}
