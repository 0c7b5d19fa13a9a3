package org.airpost.console;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import com.google.gson.JsonPrimitive;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.airpost.admin.Role;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Phone;
import org.airpost.phone.SyncRequest;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The JSON API against its own description. */
@Timeout(120)
final class ApiTest {

    private static final Path DESCRIPTION = Path.of("docs/openapi.json");
    private static final List<String> METHODS = List.of("GET", "POST", "PUT", "DELETE", "PATCH");
    private static final String DEVICE = "/devices/anna/apiphone1";

    @TempDir
    private static Path directory;

    private static ConsoleFixture fixture;
    private static ConsoleFixture.Visitor nobody;
    private static JsonObject described = new JsonObject();
    private static Phone phone;
    private static String admin = "";
    private static String auditor = "";
    private static String helpdesk = "";

    @BeforeAll
    static void start() throws IOException {
        fixture = ConsoleFixture.start(directory);
        nobody = fixture.visitor();
        phone = fixture.phone("anna", "apiphone1", "iPhone", ProtocolVersion.V16_1);
        phone.syncAll(
                phone.hierarchy().ofType(FolderType.INBOX).orElseThrow().id(),
                SyncRequest.PLAIN.withBody(BodyType.PLAIN_TEXT, 1_024));
        fixture.phone("bob", "apiphone2", "Android", ProtocolVersion.V14_1);
        fixture.admin("ada", Role.ADMIN);
        var visitor = fixture.visitor().as("ada");
        admin = token(visitor, "admin");
        auditor = token(visitor, "auditor");
        helpdesk = token(visitor, "helpdesk");
        described = JsonParser.parseString(call("GET", "/openapi.json", "", "").body())
                .getAsJsonObject();
    }

    private static String token(ConsoleFixture.Visitor visitor, String role) {
        var answer =
                visitor.act("/admin/access/token", Map.of("token-name", "a " + role, "token-role", role, "days", "1"));
        return Jsoup.parse(answer.body()).select("main code").text().replace("Authorization: Bearer ", "");
    }

    @AfterAll
    static void stop() {
        fixture.close();
    }

    private static HttpResponse<String> call(String method, String path, String token, String body) {
        var request = nobody.to("/api/v1" + path)
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (!token.isEmpty()) {
            request.header("Authorization", "Bearer " + token);
        }
        if (!body.isEmpty()) {
            request.header("Content-Type", "application/json");
        }
        return nobody.send(request.build());
    }

    /** An operation of the description. */
    private record Operation(String method, String path, JsonObject says) {

        /** With names that lead nowhere. */
        String filled() {
            return path.replaceAll("\\{[^}]*}", "x");
        }
    }

    private static List<Operation> operations() {
        var operations = new ArrayList<Operation>();
        described
                .getAsJsonObject("paths")
                .entrySet()
                .forEach(path -> path.getValue()
                        .getAsJsonObject()
                        .entrySet()
                        .forEach(operation -> operations.add(new Operation(
                                operation.getKey().toUpperCase(Locale.ROOT),
                                path.getKey(),
                                operation.getValue().getAsJsonObject()))));
        return operations;
    }

    @Test
    void eachRouteIsDescribedAndNothingElseIsThere() {
        assertThat(described.get("openapi").getAsString()).startsWith("3.1.");
        var operations = operations();
        assertThat(operations).hasSizeGreaterThan(30);
        var ids = new TreeSet<String>();
        for (var operation : operations) {
            assertThat(ids.add(operation.says().get("operationId").getAsString()))
                    .isTrue();
            var status = call(operation.method(), operation.filled(), admin, "").statusCode();
            assertThat(status).as("%s %s", operation.method(), operation.path()).isNotIn(401, 403, 405, 500, 503);
            if (status == 404) {
                var problem =
                        call(operation.method(), operation.filled(), admin, "").body();
                assertThat(problem).doesNotContain("no such address");
            }
        }
        for (var path : described.getAsJsonObject("paths").keySet()) {
            var filled = path.replaceAll("\\{[^}]*}", "x");
            for (var method : METHODS) {
                // Another pattern may fit this path, too: /rules/try is a place of its own, and fits /rules/{id}.
                boolean isDescribed = operations.stream()
                        .anyMatch(one -> one.method().equals(method)
                                && filled.matches(one.path().replaceAll("\\{[^}]*}", "[^/]+")));
                assertThat(call(method, filled, admin, "").statusCode() == 405)
                        .as("%s %s", method, path)
                        .isEqualTo(!isDescribed);
            }
        }
        assertThat(call("GET", "/devicesx", admin, "").statusCode()).isEqualTo(404);
        assertThat(call("GET", "/", admin, "").statusCode()).isEqualTo(404);
    }

    @Test
    void theDescriptionInTheDocsIsTheOneThatIsServed() throws IOException {
        var text = new GsonBuilder()
                        .setPrettyPrinting()
                        .disableHtmlEscaping()
                        .create()
                        .toJson(described)
                + "\n";
        if (Boolean.getBoolean("golden.rewrite")) {
            Files.writeString(DESCRIPTION, text);
        }
        assertThat(Files.readString(DESCRIPTION)).isEqualTo(text);
    }

    @Test
    void withoutATokenOrWithAWrongOneThereIsNothing() {
        for (var operation : operations()) {
            for (var token : List.of("", "airpost_000000000000_x", admin + "x", "x")) {
                var answer = call(operation.method(), operation.filled(), token, "");
                assertThat(answer.statusCode())
                        .as("%s %s", operation.method(), operation.path())
                        .isEqualTo(401);
                assertThat(answer.headers().firstValue("WWW-Authenticate")).isPresent();
            }
        }
    }

    @Test
    void aTokenMayWhatItsRoleMay() {
        int refused = 0;
        for (var operation : operations()) {
            var right = operation
                    .says()
                    .get("description")
                    .getAsString()
                    .replaceAll("Needs the right (.*)\\.", "$1")
                    .replace('-', '_')
                    .toUpperCase(Locale.ROOT);
            for (var one :
                    Map.of(Role.AUDITOR, auditor, Role.HELPDESK, helpdesk).entrySet()) {
                if (!one.getKey().may(Role.Right.valueOf(right))) {
                    assertThat(call(operation.method(), operation.filled(), one.getValue(), "{}")
                                    .statusCode())
                            .as("%s %s as %s", operation.method(), operation.path(), one.getKey())
                            .isEqualTo(403);
                    refused++;
                }
            }
        }
        assertThat(refused).isGreaterThan(20);
    }

    @Test
    void whatComesBackIsAsItIsDescribed() {
        check("GET", "/status", "");
        check("GET", "/backends", "");
        check("GET", "/broken", "");
        check("GET", "/queue", "");
        check("GET", "/audit?limit=5", "");
        assertThat(check("GET", "/devices?q=apiphone&sort=last-seen", "")
                        .get("found")
                        .getAsInt())
                .isEqualTo(2);
        check("GET", DEVICE, "");
        var folders = check("GET", DEVICE + "/folders", "").getAsJsonArray("folders");
        assertThat(folders).isNotEmpty();
        check("GET", DEVICE + "/exchanges", "");
        assertThat(check("POST", DEVICE + "/block", "{\"reason\":\"lost\",\"days\":3}")
                        .get("standing")
                        .getAsString())
                .isEqualTo("blocked");
        check("POST", DEVICE + "/quarantine", "{}");
        check("POST", DEVICE + "/allow", "{\"reason\":\"found\"}");
        check("POST", DEVICE + "/undecide", "");
        assertThat(check("POST", DEVICE + "/rename", "{\"name\":\"Anna's\"}")
                        .get("title")
                        .getAsString())
                .isEqualTo("Anna's");
        check("POST", DEVICE + "/resync", "");
        assertThat(check("POST", DEVICE + "/trace/start", "{\"minutes\":5}")
                        .get("running")
                        .getAsBoolean())
                .isTrue();
        phone.folderSync();
        assertThat(check("GET", DEVICE + "/trace/text", "").get("text").getAsString())
                .startsWith("# Airpost trace 1")
                .contains("FolderSync");
        assertThat(check("GET", "/traces", "").getAsJsonArray("traces")).isNotEmpty();
        assertThat(check("POST", DEVICE + "/trace/stop", "").get("running").getAsBoolean())
                .isFalse();
        assertThat(check("GET", DEVICE + "/trace", "").get("exchanges").getAsLong())
                .isPositive();
        assertThat(check("POST", DEVICE + "/wipe-all", "{}").get("standing").getAsString())
                .isEqualTo("wipe-to-approve");
        check("POST", DEVICE + "/cancel-wipe", "");
        check("DELETE", "/devices/bob/apiphone2", "");

        var settings = "{\"settings\":{\"DevicePasswordEnabled\":\"1\",\"MinDevicePasswordLength\":\"6\"},"
                + "\"admits\":{\"partly\":true}}";
        check("POST", "/policies/strict/try", settings);
        check("PUT", "/policies/strict", settings);
        assertThat(check("GET", "/policies/strict", "")
                        .getAsJsonObject("settings")
                        .get("MinDevicePasswordLength")
                        .getAsString())
                .isEqualTo("6");
        check("GET", "/policies", "");
        check("PUT", "/assignments", "{\"scope\":\"user/anna\",\"policy\":\"strict\"}");
        assertThat(check("GET", "/assignments", "")
                        .getAsJsonObject("assignments")
                        .keySet())
                .containsExactly("user/anna");
        check("PUT", "/groups/sales", "{\"add\":[\"anna\"]}");
        check("GET", "/groups", "");
        check("PUT", "/assignments", "{\"scope\":\"user/anna\"}");
        check("DELETE", "/policies/strict", "");

        check("GET", "/users/anna/policy", "");
        check("GET", "/users/anna/passwords", "");
        check("GET", "/users/anna/certificates", "");
        check("GET", "/tokens", "");
        assertThat(check("POST", "/admins", "{\"name\":\"guest\",\"role\":\"auditor\"}")
                        .get("setUp")
                        .getAsString())
                .startsWith("/admin/set-up/");
        check("GET", "/admins", "");
        check("POST", "/admins/guest/reset", "");
        check("POST", "/admins/guest/role", "{\"role\":\"helpdesk\"}");
        check("DELETE", "/admins/guest", "");

        var rule = "{\"access\":\"quarantined\",\"conditions\":[\"type=Android*\"],\"comment\":\"not yet\"}";
        check("POST", "/rules/try", rule);
        var id = check("POST", "/rules", rule).get("id").getAsString();
        check("PUT", "/rules/" + id, rule.replace("quarantined", "blocked"));
        check("POST", "/rules/" + id + "/move", "{\"place\":0}");
        check("GET", "/rules", "");
        check("DELETE", "/rules/" + id, "");
    }

    @Test
    void aRequestThatIsNotAsDescribedIsRefusedInWords() {
        for (var body : List.of(
                "{\"name\":1}", "{}", "{\"name\":\"a\",\"more\":1}", "[]", "{", "{\"name\":\"a\"} x", "{name:'a'}")) {
            var answer = call("POST", DEVICE + "/rename", admin, body);
            assertThat(answer.statusCode()).as(body).isEqualTo(400);
            assertThat(JsonParser.parseString(answer.body())
                            .getAsJsonObject()
                            .get("problem")
                            .getAsString())
                    .as(body)
                    .isNotBlank();
        }
        for (var query : List.of("standing=good", "sort=x", "from=-1", "limit=many")) {
            assertThat(call("GET", "/devices?" + query, admin, "").statusCode())
                    .as(query)
                    .isEqualTo(400);
        }
        for (var minutes : List.of("0", "-1", "1441", "999999999999999999")) {
            assertThat(call("POST", DEVICE + "/trace/start", admin, "{\"minutes\":" + minutes + "}")
                            .statusCode())
                    .as(minutes)
                    .isEqualTo(400);
        }
        assertThat(call("GET", "/devices/anna/nobody/trace", admin, "").statusCode())
                .isEqualTo(404);
        assertThat(call("GET", "/devices/anna/nobody", admin, "").statusCode()).isEqualTo(404);
        assertThat(call("GET", "/devices/anna/a%2Fb", admin, "").statusCode()).isEqualTo(404);
        assertThat(call("PUT", "/policies/strict", admin, "{\"settings\":{\"NoSuchThing\":\"1\"}}")
                        .statusCode())
                .isEqualTo(400);
    }

    @Test
    void aBrowsersSessionOpensNothingHere() {
        fixture.admin("eve", Role.ADMIN);
        var visitor = fixture.visitor().as("eve");
        assertThat(visitor.get("/admin/audit").statusCode()).isEqualTo(200);
        assertThat(visitor.get("/api/v1/devices").statusCode()).isEqualTo(401);
    }

    @Test
    void aTokenEndsWithTheAccountOfWhoMadeIt() {
        fixture.admin("zoe", Role.ADMIN);
        var hers = token(fixture.visitor().as("zoe"), "admin");
        assertThat(call("GET", "/devices", hers, "").statusCode()).isEqualTo(200);
        assertThat(call("DELETE", "/admins/zoe", admin, "").statusCode()).isEqualTo(200);
        assertThat(call("GET", "/devices", hers, "").statusCode()).isEqualTo(401);
        assertThat(call("GET", "/devices", admin, "").statusCode()).isEqualTo(200);
        assertThat(call("GET", "/audit?action=token.refused", auditor, "").body())
                .contains("zoe");
    }

    /** Calls, and holds the answer against the description. */
    private static JsonObject check(String method, String path, String body) {
        var answer = call(method, path, admin, body);
        assertThat(answer.statusCode())
                .as("%s %s: %s", method, path, answer.body())
                .isEqualTo(200);
        var plain = path.replaceFirst("\\?.*", "");
        var schema = operations().stream()
                .filter(one ->
                        one.method().equals(method) && plain.matches(one.path().replaceAll("\\{[^}]*}", "[^/]+")))
                .findFirst()
                .orElseThrow()
                .says()
                .getAsJsonObject("responses")
                .getAsJsonObject("200")
                .getAsJsonObject("content")
                .getAsJsonObject("application/json")
                .getAsJsonObject("schema");
        var value = JsonParser.parseString(answer.body());
        assertThat(faults("answer", schema, value)).as("%s %s", method, path).isEmpty();
        return value.getAsJsonObject();
    }

    /** What about a value does not fit a schema, as far as ours go. */
    private static List<String> faults(String place, JsonObject schema, JsonElement value) {
        if (schema.has("$ref")) {
            var name = schema.get("$ref").getAsString().replaceFirst(".*/", "");
            return faults(
                    place,
                    described
                            .getAsJsonObject("components")
                            .getAsJsonObject("schemas")
                            .getAsJsonObject(name),
                    value);
        }
        var faults = new ArrayList<String>();
        switch (schema.get("type").getAsString()) {
            case "object" -> {
                if (!(value instanceof JsonObject object)) {
                    return List.of(place + " is no object");
                }
                var properties = schema.has("properties") ? schema.getAsJsonObject("properties") : new JsonObject();
                if (schema.has("required")) {
                    schema.getAsJsonArray("required").forEach(name -> {
                        if (!object.has(name.getAsString())) {
                            faults.add(place + " has no " + name);
                        }
                    });
                }
                object.entrySet().forEach(entry -> {
                    if (properties.has(entry.getKey())) {
                        faults.addAll(faults(
                                place + "." + entry.getKey(),
                                properties.getAsJsonObject(entry.getKey()),
                                entry.getValue()));
                    } else if (schema.get("additionalProperties") instanceof JsonObject each) {
                        faults.addAll(faults(place + "." + entry.getKey(), each, entry.getValue()));
                    } else {
                        faults.add(place + " has " + entry.getKey());
                    }
                });
            }
            case "array" -> {
                if (!(value instanceof JsonArray list)) {
                    return List.of(place + " is no list");
                }
                list.forEach(one -> faults.addAll(faults(place + "[]", schema.getAsJsonObject("items"), one)));
            }
            case String type -> {
                boolean fits = value instanceof JsonPrimitive primitive
                        && switch (type) {
                            case "string" -> primitive.isString();
                            case "integer" -> primitive.isNumber();
                            default -> primitive.isBoolean();
                        };
                if (!fits) {
                    faults.add(place + " is no " + type);
                } else if (schema.has("enum")
                        && !words(schema.getAsJsonArray("enum")).contains(value.getAsString())) {
                    faults.add(place + " is " + value);
                }
            }
        }
        return faults;
    }

    private static Set<String> words(JsonArray list) {
        var words = new TreeSet<String>();
        list.forEach(word -> words.add(word.getAsString()));
        return words;
    }
}
