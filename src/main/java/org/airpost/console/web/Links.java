package org.airpost.console.web;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Addresses within Airpost, encoded. */
public final class Links {

    private Links() {}

    /** {@code /me/devices/a%2Fb} of {@code me}, {@code devices}, {@code a/b}. */
    public static String to(String... segments) {
        return Stream.of(segments).map(Links::encode).collect(Collectors.joining("/", "/", ""));
    }

    /** A path with a query; fields without a value are left out. */
    public static String withQuery(String path, Map<String, String> fields) {
        var query = fields.entrySet().stream()
                .filter(field -> !field.getValue().isEmpty())
                .map(field -> encode(field.getKey()) + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&"));
        return query.isEmpty() ? path : path + "?" + query;
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }
}
