package org.airpost.http;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Names with values, as a query or a form has them. Source: URL Standard §5.1. */
public record Fields(Map<String, List<String>> values) {

    /** No fields at all. */
    public static final Fields NONE = new Fields(Map.of());

    /** More than any form of ours has; what follows is left out. */
    private static final int MOST = 10_000;

    public Fields {
        var copy = new LinkedHashMap<String, List<String>>();
        values.forEach((name, all) -> copy.put(name, List.copyOf(all)));
        values = Collections.unmodifiableMap(copy);
    }

    /** The fields of {@code a=1&b=2}. What is not percent-encoded rightly is an IllegalArgumentException. */
    public static Fields of(String urlEncoded) {
        if (urlEncoded.isEmpty()) {
            return NONE;
        }
        var values = new LinkedHashMap<String, List<String>>();
        for (var pair : urlEncoded.split("&", MOST)) {
            if (!pair.isEmpty()) {
                int equals = pair.indexOf('=');
                var name = decode(equals < 0 ? pair : pair.substring(0, equals));
                values.computeIfAbsent(name, _ -> new ArrayList<>())
                        .add(equals < 0 ? "" : decode(pair.substring(equals + 1)));
            }
        }
        return new Fields(values);
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** The first value of a name, empty if there is none. */
    public String text(String name) {
        return first(name).orElse("");
    }

    /** The first value of a name. */
    public Optional<String> first(String name) {
        return all(name).stream().findFirst();
    }

    /** All values of a name, in order. */
    public List<String> all(String name) {
        return values.getOrDefault(name, List.of());
    }

    public boolean has(String name) {
        return values.containsKey(name);
    }
}
