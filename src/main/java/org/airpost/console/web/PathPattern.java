package org.airpost.console.web;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A path in which some segments may be anything: {@code /admin/devices/{user}/{device}}.
 *
 * @param segments those in braces are names
 */
public record PathPattern(List<String> segments) {

    public PathPattern {
        segments = List.copyOf(segments);
    }

    public static PathPattern of(String path) {
        return new PathPattern(List.of(path.substring(1).split("/", -1)));
    }

    /** What stands for the names, if a path fits. */
    public Optional<Map<String, String>> match(List<String> path) {
        if (segments.size() != path.size()) {
            return Optional.empty();
        }
        var found = new HashMap<String, String>();
        for (int i = 0; i < path.size(); i++) {
            var wanted = segments.get(i);
            if (wanted.startsWith("{")) {
                found.put(name(wanted), path.get(i));
            } else if (!wanted.equals(path.get(i))) {
                return Optional.empty();
            }
        }
        return Optional.of(found);
    }

    /** The names in it, in order. */
    public List<String> names() {
        return segments.stream()
                .filter(segment -> segment.startsWith("{"))
                .map(PathPattern::name)
                .toList();
    }

    private static String name(String segment) {
        return segment.substring(1, segment.length() - 1);
    }
}
