package org.airpost.console.api;

import com.google.gson.JsonArray;
import com.google.gson.JsonElement;
import com.google.gson.JsonObject;
import com.google.gson.JsonPrimitive;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** What a JSON value looks like, as far as the API needs to say it. Source: JSON Schema 2020-12. */
sealed interface Shape {

    /** A string, a number, true or false. */
    enum Plain implements Shape {
        STRING("string", ""),
        TIME("string", "date-time"),
        INTEGER("integer", ""),
        BOOLEAN("boolean", "");

        private final String type;
        private final String format;

        Plain(String type, String format) {
            this.type = type;
            this.format = format;
        }
    }

    /** One of some words. */
    record Words(List<String> values) implements Shape {}

    /** Any number of values of one shape. */
    record Many(Shape each) implements Shape {}

    /** Names that are not known before, with values of one shape. */
    record Table(Shape each) implements Shape {}

    /** Fields by name. */
    record Fields(Map<String, Field> fields) implements Shape {}

    /** One that is described once, under a name. */
    record Named(String name, Shape shape) implements Shape {}

    /** A field of {@link Fields}; one that may be absent is not required. */
    record Field(String name, Shape shape, boolean required, String words) {

        Field orAbsent() {
            return new Field(name, shape, false, words);
        }
    }

    static Field field(String name, Shape shape, String words) {
        return new Field(name, shape, true, words);
    }

    static Shape of(Field... fields) {
        var all = new LinkedHashMap<String, Field>();
        Arrays.stream(fields).forEach(field -> all.put(field.name(), field));
        return new Fields(all);
    }

    static Shape words(Enum<?>... values) {
        return new Words(Arrays.stream(values).map(Json::word).toList());
    }

    /** As a JSON Schema. */
    default JsonObject schema() {
        var schema = new JsonObject();
        switch (this) {
            case Named(var name, var _) -> schema.addProperty("$ref", "#/components/schemas/" + name);
            case Plain plain -> {
                schema.addProperty("type", plain.type);
                if (!plain.format.isEmpty()) {
                    schema.addProperty("format", plain.format);
                }
            }
            case Words(var values) -> {
                schema.addProperty("type", "string");
                var list = new JsonArray();
                values.forEach(list::add);
                schema.add("enum", list);
            }
            case Many(var each) -> {
                schema.addProperty("type", "array");
                schema.add("items", each.schema());
            }
            case Table(var each) -> {
                schema.addProperty("type", "object");
                schema.add("additionalProperties", each.schema());
            }
            case Fields(var fields) -> {
                schema.addProperty("type", "object");
                var properties = new JsonObject();
                var required = new JsonArray();
                fields.values().forEach(field -> {
                    var its = field.shape().schema();
                    its.addProperty("description", field.words());
                    properties.add(field.name(), its);
                    if (field.required()) {
                        required.add(field.name());
                    }
                });
                schema.add("properties", properties);
                if (!required.isEmpty()) {
                    schema.add("required", required);
                }
                schema.addProperty("additionalProperties", false);
            }
        }
        return schema;
    }

    /** The named shapes that this one is made of, itself among them. */
    default Stream<Named> named() {
        return switch (this) {
            case Named named -> Stream.concat(Stream.of(named), named.shape().named());
            case Plain _, Words _ -> Stream.empty();
            case Many(var each) -> each.named();
            case Table(var each) -> each.named();
            case Fields(var fields) ->
                fields.values().stream().flatMap(field -> field.shape().named());
        };
    }

    /** What about a value is not of this shape, each with its place. */
    default List<String> faults(String place, JsonElement value) {
        return switch (this) {
            case Named(var _, var shape) -> shape.faults(place, value);
            case Plain plain -> fits(plain, value) ? List.of() : List.of(place + " is not " + plain.type);
            case Words(var values) ->
                value instanceof JsonPrimitive text && text.isString() && values.contains(text.getAsString())
                        ? List.of()
                        : List.of(place + " is not one of " + String.join(", ", values));
            case Many(var each) -> {
                if (!(value instanceof JsonArray list)) {
                    yield List.of(place + " is not a list");
                }
                var faults = new ArrayList<String>();
                for (int i = 0; i < list.size(); i++) {
                    faults.addAll(each.faults(place + "[" + i + "]", list.get(i)));
                }
                yield faults;
            }
            case Table(var each) -> {
                if (!(value instanceof JsonObject object)) {
                    yield List.of(place + " is not an object");
                }
                var faults = new ArrayList<String>();
                object.entrySet()
                        .forEach(entry -> faults.addAll(each.faults(place + "." + entry.getKey(), entry.getValue())));
                yield faults;
            }
            case Fields(var fields) -> {
                if (!(value instanceof JsonObject object)) {
                    yield List.of(place + " is not an object");
                }
                var faults = new ArrayList<String>();
                object.keySet().stream()
                        .filter(name -> !fields.containsKey(name))
                        .forEach(name -> faults.add(place + " has no field " + name));
                fields.values().forEach(field -> {
                    var its = object.get(field.name());
                    if (its != null) {
                        faults.addAll(field.shape().faults(place + "." + field.name(), its));
                    } else if (field.required()) {
                        faults.add(place + "." + field.name() + " is missing");
                    }
                });
                yield faults;
            }
        };
    }

    private static boolean fits(Plain plain, JsonElement value) {
        if (!(value instanceof JsonPrimitive primitive)) {
            return false;
        }
        return switch (plain) {
            case STRING, TIME -> primitive.isString();
            case INTEGER -> primitive.isNumber() && primitive.getAsString().matches("-?\\d{1,18}");
            case BOOLEAN -> primitive.isBoolean();
        };
    }
}
