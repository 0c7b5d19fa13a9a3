package org.airpost.config;

import com.typesafe.config.ConfigUtil;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * What an option may be: how its text becomes a value and a value text, and the words for it in the file.
 *
 * @param wanted what is allowed, completing "wanted is …"
 * @param takesMany whether it is a list; otherwise the texts are one
 * @param parse gives nothing for what is not allowed
 * @param print the value as it stands in the file
 */
record Kind<T>(String wanted, boolean takesMany, Function<List<String>, Optional<T>> parse, Function<T, String> print) {

    private static final Pattern DOMAIN = Pattern.compile("[\\p{L}\\p{N}-]{1,63}(\\.[\\p{L}\\p{N}-]{1,63})+");

    private static final Pattern WITH_UNIT = Pattern.compile("([0-9]{1,15})\\s*([A-Za-z]+)");
    private static final Pattern PLACEHOLDER = Pattern.compile("\\{([^{}]*)\\}");
    private static final List<String> PLACEHOLDERS = List.of("user", "local", "domain", "address");

    private static <T> Kind<T> single(String wanted, Function<String, Optional<T>> parse, Function<T, String> print) {
        return new Kind<>(wanted, false, texts -> parse.apply(texts.getFirst()), print);
    }

    /** A text that is not empty. */
    static Kind<String> text(String wanted) {
        return single(wanted, text -> Optional.of(text.strip()).filter(t -> !t.isEmpty()), Kind::quote);
    }

    /** A text that may be empty, which means that there is none. */
    static Kind<Optional<String>> optionalText(String wanted) {
        return single(
                wanted + ", or empty",
                text -> Optional.of(Optional.of(text.strip()).filter(t -> !t.isEmpty())),
                value -> quote(value.orElse("")));
    }

    static Kind<List<String>> texts(String wanted) {
        return new Kind<>(
                wanted,
                true,
                texts -> Optional.of(texts.stream().map(String::strip).toList())
                        .filter(list -> !list.isEmpty() && list.stream().noneMatch(String::isEmpty)),
                values -> values.stream().map(Kind::quote).collect(Collectors.joining(", ", "[", "]")));
    }

    /** Mail addresses; may be none. */
    static Kind<List<String>> addresses() {
        return new Kind<>(
                "a list of mail addresses",
                true,
                texts -> Optional.of(texts.stream().map(String::strip).toList())
                        .map(list -> list.equals(List.of("")) ? List.<String>of() : list)
                        .filter(list -> list.stream().allMatch(text -> text.matches("[^\\s@,<>]+@[^\\s@,<>]+"))),
                values -> values.stream().map(Kind::quote).collect(Collectors.joining(", ", "[", "]")));
    }

    /** IP addresses, or networks as {@code 10.0.0.0/8}; may be none. */
    static Kind<List<String>> networks() {
        return new Kind<>(
                "a list of IP addresses or networks as 10.0.0.0/8",
                true,
                texts -> Optional.of(texts.stream().map(String::strip).toList())
                        .map(list -> list.equals(List.of("")) ? List.<String>of() : list)
                        .filter(list -> list.stream().allMatch(Kind::isNetwork)),
                values -> values.stream().map(Kind::quote).collect(Collectors.joining(", ", "[", "]")));
    }

    private static boolean isNetwork(String text) {
        int slash = text.indexOf('/');
        var bits = slash < 0 ? "0" : text.substring(slash + 1);
        try {
            var address = InetAddress.ofLiteral(slash < 0 ? text : text.substring(0, slash));
            return bits.matches("[0-9]{1,3}") && Integer.parseInt(bits) <= address.getAddress().length * 8;
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** Mail domains, in lower case; may be none. */
    static Kind<List<String>> domains() {
        return new Kind<>(
                "a list of mail domains, or [\"*\"] for any",
                true,
                texts -> Optional.of(texts.stream()
                                .map(text -> text.strip().toLowerCase(Locale.ROOT))
                                .toList())
                        .map(list -> list.equals(List.of("")) ? List.<String>of() : list)
                        .filter(list -> list.stream().allMatch(text -> text.equals("*") || isDomain(text))),
                values -> values.stream().map(Kind::quote).collect(Collectors.joining(", ", "[", "]")));
    }

    /** True for labels with dots between them. */
    static boolean isDomain(String text) {
        return text.length() <= 253 && DOMAIN.matcher(text).matches();
    }

    /** The address of a web server: scheme https, host and perhaps a port, or nothing. */
    static Kind<Optional<URI>> optionalServer() {
        return single(
                "https://host or https://host:port, or empty",
                text -> {
                    var server = parseServer(text);
                    return text.isBlank() || server.isPresent() ? Optional.of(server) : Optional.empty();
                },
                value -> quote(value.map(URI::toString).orElse("")));
    }

    static Kind<Config.Redirect> redirect() {
        return single(
                "https://host or https://host:port, or another mail domain, or empty",
                text -> {
                    if (text.isBlank()) {
                        return Optional.of(new Config.Redirect.None());
                    }
                    var domain = text.strip().toLowerCase(Locale.ROOT);
                    return isDomain(domain)
                            ? Optional.of(new Config.Redirect.ToDomain(domain))
                            : parseServer(text).map(Config.Redirect.ToServer::new);
                },
                value -> switch (value) {
                    case Config.Redirect.None() -> quote("");
                    case Config.Redirect.ToDomain(var domain) -> quote(domain);
                    case Config.Redirect.ToServer(var server) -> quote(server.toString());
                });
    }

    private static Optional<URI> parseServer(String text) {
        try {
            var uri = new URI(text.strip().replaceFirst("/$", ""));
            return Optional.of(uri)
                    .filter(u -> "https".equals(u.getScheme()) && u.getHost() != null)
                    .filter(u -> u.getRawPath().isEmpty() && u.getRawQuery() == null && u.getRawUserInfo() == null)
                    .filter(u -> u.getRawFragment() == null);
        } catch (URISyntaxException e) {
            return Optional.empty();
        }
    }

    static Kind<Secret> secret(String wanted) {
        return single(
                wanted,
                text -> Optional.of(new Secret(text))
                        .filter(secret -> !secret.reveal().isEmpty()),
                secret -> quote(secret.reveal()));
    }

    /** A secret that may be empty, which means that there is none. */
    static Kind<Optional<Secret>> optionalSecret(String wanted) {
        return single(
                wanted + ", or empty",
                text -> Optional.of(Optional.of(new Secret(text))
                        .filter(secret -> !secret.reveal().isEmpty())),
                value -> quote(value.map(Secret::reveal).orElse("")));
    }

    /** Entries of the form {@code name=value} or {@code name=value+value} with these names; may be none. */
    static Kind<Map<String, List<String>>> assignments(String wanted, List<String> names) {
        return new Kind<>(
                wanted + ", for " + String.join(", ", names),
                true,
                texts -> {
                    var read = new TreeMap<String, List<String>>();
                    for (var text : texts.equals(List.of("")) ? List.<String>of() : texts) {
                        int equals = text.indexOf('=');
                        if (equals < 0
                                || !names.contains(text.substring(0, equals).strip())) {
                            return Optional.empty();
                        }
                        read.put(
                                text.substring(0, equals).strip(),
                                Arrays.stream(text.substring(equals + 1).split("\\+", -1))
                                        .map(String::strip)
                                        .filter(value -> !value.isEmpty())
                                        .toList());
                    }
                    return Optional.of(Map.copyOf(read));
                },
                values -> new TreeMap<>(values)
                        .entrySet().stream()
                                .map(entry -> quote(entry.getKey() + "=" + String.join("+", entry.getValue())))
                                .collect(Collectors.joining(", ", "[", "]")));
    }

    static Kind<Boolean> flag() {
        return single(
                "true or false",
                text -> switch (text) {
                    case "true" -> Optional.of(true);
                    case "false" -> Optional.of(false);
                    default -> Optional.empty();
                },
                Object::toString);
    }

    static Kind<Integer> number(int least, int greatest) {
        return single(
                String.format(Locale.ROOT, "a number from %d to %d", least, greatest),
                text -> Optional.of(text)
                        .filter(t -> t.matches("[0-9]{1,9}"))
                        .map(Integer::valueOf)
                        .filter(n -> n >= least && n <= greatest),
                Object::toString);
    }

    static Kind<Duration> duration(Duration least, Duration greatest) {
        return single(
                "a time from " + print(least) + " to " + print(greatest) + " with its unit (ms, s, m, h, d)",
                text -> parseDuration(text)
                        .filter(found -> found.compareTo(least) >= 0 && found.compareTo(greatest) <= 0),
                Kind::print);
    }

    static Kind<Long> size(long least, long greatest) {
        return single(
                "a size from " + print(least) + " to " + print(greatest) + " with its unit (B, KiB, MiB, GiB)",
                text -> parseSize(text).filter(found -> found >= least && found <= greatest),
                Kind::print);
    }

    /** One of the constants of an enum, written in lower case. */
    static <E extends Enum<E>> Kind<E> oneOf(List<E> values) {
        return single(
                values.stream().map(Kind::word).collect(Collectors.joining(" or ")),
                text -> values.stream()
                        .filter(value -> word(value).equals(text))
                        .findFirst(),
                Kind::word);
    }

    static Kind<Path> path(String wanted) {
        return single(wanted, Kind::parsePath, value -> quote(value.toString()));
    }

    static Kind<Trust> trust() {
        return single(
                "system or any or the path of a PEM file",
                text -> switch (text) {
                    case "system" -> Optional.of(new Trust.SystemAuthorities());
                    case "any" -> Optional.of(new Trust.Anybody());
                    default -> parsePath(text).map(Trust.PemFile::new);
                },
                value -> switch (value) {
                    case Trust.SystemAuthorities() -> "system";
                    case Trust.Anybody() -> "any";
                    case Trust.PemFile(var path) -> quote(path.toString());
                });
    }

    /** A text with at least one of the placeholders for a login name, and no other. */
    static Kind<String> loginTemplate() {
        return single(
                "a text with "
                        + String.join(
                                ", ",
                                PLACEHOLDERS.stream().map(p -> "{" + p + "}").toList()) + " in it",
                text -> Optional.of(text).filter(Kind::isLoginTemplate),
                Kind::quote);
    }

    private static boolean isLoginTemplate(String text) {
        var found =
                PLACEHOLDER.matcher(text).results().map(match -> match.group(1)).toList();
        return PLACEHOLDERS.containsAll(found)
                && (found.contains("user") || found.contains("local") || found.contains("address"));
    }

    private static Optional<Path> parsePath(String text) {
        try {
            return text.isBlank() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<Duration> parseDuration(String text) {
        var match = WITH_UNIT.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        var amount = Long.parseLong(match.group(1));
        // 15 digits of days do not fit into the seconds of a Duration.
        return amount > Integer.MAX_VALUE
                ? Optional.empty()
                : switch (match.group(2)) {
                    case "ms" -> Optional.of(Duration.ofMillis(amount));
                    case "s" -> Optional.of(Duration.ofSeconds(amount));
                    case "m" -> Optional.of(Duration.ofMinutes(amount));
                    case "h" -> Optional.of(Duration.ofHours(amount));
                    case "d" -> Optional.of(Duration.ofDays(amount));
                    default -> Optional.empty();
                };
    }

    private static Optional<Long> parseSize(String text) {
        var match = WITH_UNIT.matcher(text);
        if (!match.matches()) {
            return Optional.empty();
        }
        return Arrays.stream(SizeUnit.values())
                .filter(unit -> unit.name().equals(match.group(2)))
                .findFirst()
                .filter(unit -> Long.parseLong(match.group(1)) <= Long.MAX_VALUE / unit.bytes)
                .map(unit -> Long.parseLong(match.group(1)) * unit.bytes);
    }

    private static String print(Duration value) {
        var millis = value.toMillis();
        if (millis % 1000 != 0) {
            return millis + " ms";
        }
        var seconds = millis / 1000;
        // 60 s reads better than 1 m; from two minutes on it is the other way round.
        if (seconds < 120 || seconds % 60 != 0) {
            return seconds + " s";
        }
        var minutes = seconds / 60;
        if (minutes < 120 || minutes % 60 != 0) {
            return minutes + " m";
        }
        return minutes % (24 * 60) == 0 ? minutes / (24 * 60) + " d" : minutes / 60 + " h";
    }

    private static String print(long bytes) {
        var unit = SizeUnit.B;
        for (var larger : SizeUnit.values()) {
            if (bytes > 0 && bytes % larger.bytes == 0) {
                unit = larger;
            }
        }
        return bytes / unit.bytes + " " + unit;
    }

    private static String word(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private static String quote(String text) {
        return ConfigUtil.quoteString(text);
    }

    private enum SizeUnit {
        B(1),
        KiB(1024),
        MiB(1024 * 1024),
        GiB(1024 * 1024 * 1024);

        private final long bytes;

        SizeUnit(long bytes) {
            this.bytes = bytes;
        }
    }
}
