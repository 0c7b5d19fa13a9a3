package org.airpost.console.api;

import static org.airpost.console.api.Shape.field;

import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonParseException;
import com.google.gson.JsonParser;
import com.google.gson.Strictness;
import com.google.gson.stream.JsonReader;
import com.google.gson.stream.JsonToken;
import java.io.IOException;
import java.io.StringReader;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.admin.Actor;
import org.airpost.admin.ApiTokens;
import org.airpost.admin.Result;
import org.airpost.console.Parts;
import org.airpost.http.Site;
import org.airpost.http.WebReply;
import org.airpost.http.WebRequest;

/**
 * The API under {@code /api/v1}. Who asks shows a token, as {@code Authorization: Bearer …}; a browser's cookie opens nothing
 * here, so no page of another site can use it. A request that has a body has it as JSON, and it is checked against its shape.
 */
public final class ApiSite implements Site {

    /** The first segment of its addresses. */
    public static final String PLACE = "api";

    static final String BASE = "/api/v1";

    static final Shape PROBLEM = Shape.of(field("problem", Shape.Plain.STRING, "why it was not done"));

    private static final String DESCRIPTION = "openapi.json";
    private static final String BEARER = "Bearer ";

    private final ApiTokens tokens;
    private final List<ApiRoute> routes;

    public ApiSite(Parts parts) {
        this.tokens = parts.tokens();
        this.routes = Stream.of(
                        new GatewayRoutes(parts.telemetry(), parts.mail(), parts.audit()).routes(),
                        new DeviceRoutes(parts.devices(), parts.telemetry().exchanges()).routes(),
                        new TraceRoutes(parts.traces()).routes(),
                        new UserRoutes(parts.policies(), parts.passwords(), parts.certificates()).routes(),
                        new PolicyRoutes(parts.policies()).routes(),
                        new RuleRoutes(parts.rules()).routes(),
                        new AccessRoutes(parts.accounts(), parts.tokens()).routes())
                .flatMap(List::stream)
                .toList();
    }

    List<ApiRoute> routes() {
        return routes;
    }

    @Override
    public WebReply answer(WebRequest request) {
        var path = request.path();
        if (path.size() < 2 || !path.get(1).equals("v1")) {
            return problem(404, "the API is at " + BASE);
        }
        var below = path.subList(2, path.size());
        if (below.equals(List.of(DESCRIPTION)) && request.is("GET")) {
            return WebReply.json(200, OpenApi.of(routes).toString());
        }
        var header = request.header("authorization");
        var actor = header.startsWith(BEARER)
                ? tokens.actor(header.substring(BEARER.length()).strip(), request.remote())
                : Optional.<Actor>empty();
        return actor.map(known -> answer(request, below, known))
                .orElseGet(() -> problem(401, "a token is wanted: Authorization: Bearer …")
                        .with("WWW-Authenticate", "Bearer realm=\"airpost\""));
    }

    private record Found(ApiRoute route, Map<String, String> at) {}

    private WebReply answer(WebRequest request, List<String> below, Actor actor) {
        var here = routes.stream()
                .flatMap(route -> route.path().match(below).map(at -> new Found(route, at)).stream())
                .toList();
        if (here.isEmpty()) {
            return problem(404, "there is no such address; " + BASE + "/" + DESCRIPTION + " lists them");
        }
        var method = request.is("HEAD") ? "GET" : request.method();
        var found =
                here.stream().filter(one -> one.route().method().equals(method)).findFirst();
        if (found.isEmpty()) {
            var allowed = here.stream().map(one -> one.route().method()).collect(Collectors.joining(", "));
            return problem(405, "this address takes " + allowed).with("Allow", allowed);
        }
        var route = found.get().route();
        if (!actor.role().may(route.right())) {
            return problem(403, "the role of this token does not allow it");
        }
        return switch (body(request, route)) {
            case Result.Refused<JsonObject>(var _, var words) -> problem(400, words);
            case Result.Done<JsonObject>(var body) ->
                reply(route.work().run(new ApiRoute.Call(actor, found.get().at(), request.query(), body)));
        };
    }

    private static Result<JsonObject> body(WebRequest request, ApiRoute route) {
        if (route.body().isEmpty()) {
            return new Result.Done<>(new JsonObject());
        }
        if (!request.header("content-type").startsWith("application/json")) {
            return Result.invalid("the body is wanted as application/json");
        }
        try (var reader = new JsonReader(new StringReader(new String(request.body(), StandardCharsets.UTF_8)))) {
            reader.setStrictness(Strictness.STRICT);
            var value = JsonParser.parseReader(reader);
            if (reader.peek() != JsonToken.END_DOCUMENT || !(value instanceof JsonObject object)) {
                return Result.invalid("the body is not one JSON object");
            }
            var faults = route.body().get().faults("body", object);
            return faults.isEmpty() ? new Result.Done<>(object) : Result.invalid(String.join("; ", faults));
        } catch (IOException | JsonParseException e) {
            return Result.invalid("the body is not JSON: " + e.getMessage());
        }
    }

    private static WebReply reply(Result<? extends JsonElement> result) {
        return switch (result.map(value -> value.toString())) {
            case Result.Done<String>(var json) -> WebReply.json(200, json);
            case Result.Refused<String>(var why, var words) ->
                problem(
                        switch (why) {
                            case NOT_ALLOWED -> 403;
                            case NOT_FOUND -> 404;
                            case INVALID -> 400;
                            case CONFLICT -> 409;
                        },
                        words);
        };
    }

    private static WebReply problem(int status, String words) {
        return WebReply.json(status, Json.object().with("problem", words).done().toString());
    }
}
