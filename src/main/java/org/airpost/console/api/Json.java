package org.airpost.console.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Makes JSON of ours. */
final class Json {

    private final JsonObject object = new JsonObject();

    private Json() {}

    static Json object() {
        return new Json();
    }

    Json with(String name, String value) {
        object.addProperty(name, value);
        return this;
    }

    Json with(String name, long value) {
        object.addProperty(name, value);
        return this;
    }

    Json with(String name, boolean value) {
        object.addProperty(name, value);
        return this;
    }

    Json with(String name, Instant value) {
        return with(name, value.toString());
    }

    Json with(String name, Enum<?> value) {
        return with(name, word(value));
    }

    Json with(String name, JsonElement value) {
        object.add(name, value);
        return this;
    }

    /** Left out if it is absent. */
    Json withTime(String name, Optional<Instant> value) {
        value.ifPresent(time -> with(name, time));
        return this;
    }

    /** Left out if it is absent. */
    Json withText(String name, Optional<String> value) {
        value.ifPresent(text -> with(name, text));
        return this;
    }

    JsonObject done() {
        return object;
    }

    static <T> JsonArray list(Iterable<T> all, Function<T, ? extends JsonElement> each) {
        var list = new JsonArray();
        all.forEach(one -> list.add(each.apply(one)));
        return list;
    }

    static JsonArray texts(List<String> all) {
        var list = new JsonArray();
        all.forEach(list::add);
        return list;
    }

    static JsonObject table(Map<String, String> all) {
        var object = new JsonObject();
        all.forEach(object::addProperty);
        return object;
    }

    /** An enum as the API says it. */
    static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }
}
