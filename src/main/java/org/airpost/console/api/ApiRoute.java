package org.airpost.console.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.admin.Actor;
import org.airpost.admin.Result;
import org.airpost.admin.Role;
import org.airpost.console.web.PathPattern;
import org.airpost.http.Fields;

/**
 * An address of the API.
 *
 * @param path below {@code /api/v1}, with {@code {name}} for what is any
 * @param right what one must be allowed to do
 * @param summary a sentence for the description
 * @param query fields that the query may have
 * @param body of the request, if it has one
 * @param answer what comes back
 */
record ApiRoute(
        String method,
        PathPattern path,
        Role.Right right,
        String summary,
        List<Shape.Field> query,
        Optional<Shape> body,
        Shape answer,
        Work work) {

    /** Does it. */
    interface Work {
        Result<? extends JsonElement> run(Call call);
    }

    /**
     * A request that may be done.
     *
     * @param at what stands for the names of the path
     */
    record Call(Actor actor, Map<String, String> at, Fields query, JsonObject body) {

        String at(String name) {
            return at.getOrDefault(name, "");
        }

        String text(String name) {
            var value = body.get(name);
            return value == null ? "" : value.getAsString();
        }

        Optional<Long> number(String name) {
            return Optional.ofNullable(body.get(name)).map(JsonElement::getAsLong);
        }

        /** Texts of a list. */
        List<String> texts(String name) {
            return body.get(name) instanceof JsonArray list
                    ? list.asList().stream().map(JsonElement::getAsString).toList()
                    : List.of();
        }

        /** Texts by name. */
        Map<String, String> table(String name) {
            var table = new LinkedHashMap<String, String>();
            if (body.get(name) instanceof JsonObject object) {
                object.entrySet()
                        .forEach(entry ->
                                table.put(entry.getKey(), entry.getValue().getAsString()));
            }
            return table;
        }
    }

    static ApiRoute get(String path, Role.Right right, String summary, Shape answer, Work work) {
        return new ApiRoute("GET", PathPattern.of(path), right, summary, List.of(), Optional.empty(), answer, work);
    }

    static ApiRoute post(String path, Role.Right right, String summary, Shape answer, Work work) {
        return new ApiRoute("POST", PathPattern.of(path), right, summary, List.of(), Optional.empty(), answer, work);
    }

    static ApiRoute delete(String path, Role.Right right, String summary, Shape answer, Work work) {
        return new ApiRoute("DELETE", PathPattern.of(path), right, summary, List.of(), Optional.empty(), answer, work);
    }

    static ApiRoute put(String path, Role.Right right, String summary, Shape body, Shape answer, Work work) {
        return new ApiRoute("PUT", PathPattern.of(path), right, summary, List.of(), Optional.of(body), answer, work);
    }

    ApiRoute asking(Shape.Field... fields) {
        return new ApiRoute(method, path, right, summary, List.of(fields), body, answer, work);
    }

    ApiRoute taking(Shape its) {
        return new ApiRoute(method, path, right, summary, query, Optional.of(its), answer, work);
    }
}
