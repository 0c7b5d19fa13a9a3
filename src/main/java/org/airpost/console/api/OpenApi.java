package org.airpost.console.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;

/** The description of the API. Source: OpenAPI Specification 3.1.1. */
final class OpenApi {

    private static final String JSON = "application/json";

    private OpenApi() {}

    static JsonObject of(List<ApiRoute> routes) {
        var paths = new JsonObject();
        for (var route : routes) {
            var path = path(route);
            if (!paths.has(path)) {
                paths.add(path, new JsonObject());
            }
            paths.getAsJsonObject(path).add(route.method().toLowerCase(Locale.ROOT), operation(route));
        }
        var scheme = Json.object()
                .with("type", "http")
                .with("scheme", "bearer")
                .with("description", "A token of airpost admin token, or of the console's page Access.")
                .done();
        var schemes = Json.object().with("token", scheme).done();
        var schemas = Json.object().with("Problem", ApiSite.PROBLEM.schema()).done();
        routes.stream()
                .flatMap(route -> Stream.concat(route.body().stream(), Stream.of(route.answer())))
                .flatMap(Shape::named)
                .forEach(named -> schemas.add(named.name(), named.shape().schema()));
        var security = new JsonArray();
        security.add(Json.object().with("token", new JsonArray()).done());
        var servers = new JsonArray();
        servers.add(Json.object().with("url", ApiSite.BASE).done());
        return Json.object()
                .with("openapi", "3.1.1")
                .with(
                        "info",
                        Json.object()
                                .with("title", "Airpost")
                                .with("version", "1")
                                .with("description", "What the console does, for programs. Times are in UTC.")
                                .done())
                .with("servers", servers)
                .with("security", security)
                .with("paths", paths)
                .with(
                        "components",
                        Json.object()
                                .with("securitySchemes", schemes)
                                .with("schemas", schemas)
                                .done())
                .done();
    }

    private static JsonObject operation(ApiRoute route) {
        var operation = Json.object()
                .with("summary", route.summary())
                .with("operationId", id(route))
                .with("description", "Needs the right " + Json.word(route.right()) + ".")
                .done();
        var parameters = new JsonArray();
        for (var name : route.path().names()) {
            parameters.add(parameter(name, "path", true, Shape.Plain.STRING, ""));
        }
        for (var field : route.query()) {
            parameters.add(parameter(field.name(), "query", false, field.shape(), field.words()));
        }
        if (!parameters.isEmpty()) {
            operation.add("parameters", parameters);
        }
        route.body()
                .ifPresent(body -> operation.add(
                        "requestBody",
                        Json.object()
                                .with("required", true)
                                .with("content", content(body.schema()))
                                .done()));
        var problem = new JsonObject();
        problem.addProperty("$ref", "#/components/schemas/Problem");
        operation.add(
                "responses",
                Json.object()
                        .with(
                                "200",
                                Json.object()
                                        .with("description", "Done.")
                                        .with("content", content(route.answer().schema()))
                                        .done())
                        .with(
                                "default",
                                Json.object()
                                        .with("description", "Not done: 400, 401, 403, 404, 409.")
                                        .with("content", content(problem))
                                        .done())
                        .done());
        return operation;
    }

    private static String id(ApiRoute route) {
        return route.method().toLowerCase(Locale.ROOT)
                + path(route).replaceAll("[{}]", "").replace('/', '-');
    }

    private static String path(ApiRoute route) {
        return "/" + String.join("/", route.path().segments());
    }

    private static JsonObject content(JsonObject schema) {
        return Json.object()
                .with(JSON, Json.object().with("schema", schema).done())
                .done();
    }

    private static JsonObject parameter(String name, String in, boolean required, Shape shape, String words) {
        var parameter = Json.object()
                .with("name", name)
                .with("in", in)
                .with("required", required)
                .with("schema", shape.schema());
        return words.isEmpty()
                ? parameter.done()
                : parameter.with("description", words).done();
    }
}
