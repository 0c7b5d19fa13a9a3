package org.airpost.eas;

import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.wbxml.MalformedRequestException;

/** {@code Cmd=Sync&User=…&DeviceId=…&DeviceType=…}. Source: MS-ASHTTP "Plain Text Query Value". */
final class PlainQuery {

    private static final Set<String> NAMES = Stream.concat(
                    Stream.of("cmd", "user", "deviceid", "devicetype", "saveinsent"),
                    Arrays.stream(Parameter.values()).map(p -> p.text().toLowerCase(Locale.ROOT)))
            .collect(Collectors.toUnmodifiableSet());

    /** Fields are parted by {@code &}; a second question mark parts them too if a field that we know follows it. */
    private static final Pattern SEPARATOR =
            Pattern.compile("&|\\?(?=(?:%s)=)".formatted(String.join("|", NAMES)), Pattern.CASE_INSENSITIVE);

    private PlainQuery() {}

    static RequestLines.Result parse(String query, Map<String, String> headers) {
        var fields = fields(query);
        var version = RequestLines.version(headers);
        if (version.isEmpty()) {
            return new RequestLines.UnknownVersion(RequestLines.versionText(headers));
        }
        var name = required(fields, "Cmd");
        var command = CommandName.ofText(name);
        if (command.isEmpty()) {
            return new RequestLines.UnknownCommand(name);
        }
        var parameters = new EnumMap<Parameter, String>(Parameter.class);
        for (var parameter : Parameter.values()) {
            field(fields, parameter.text()).ifPresent(value -> parameters.put(parameter, value));
        }
        return new RequestLines.Parsed(new RequestLine(
                command.get(),
                version.get(),
                DeviceId.canonical(required(fields, "DeviceId")),
                field(fields, "DeviceType").orElse(""),
                RequestLines.policyKey(headers),
                field(fields, "User").orElse(""),
                parameters,
                field(fields, "SaveInSent").orElse("").equalsIgnoreCase("T"),
                RequestLines.acceptMultiPart(headers)));
    }

    /** Values by names in lower case; of a name that comes twice the first. Names that say nothing to us are dropped. */
    private static Map<String, String> fields(String query) {
        var fields = new HashMap<String, String>();
        for (var field : SEPARATOR.splitAsStream(query).toList()) {
            int equals = field.indexOf('=');
            var name = (equals < 0 ? field : field.substring(0, equals)).toLowerCase(Locale.ROOT);
            if (equals >= 0 && NAMES.contains(name)) {
                fields.putIfAbsent(name, RequestLines.decoded(name, field.substring(equals + 1)));
            }
        }
        return fields;
    }

    private static String required(Map<String, String> fields, String name) {
        return field(fields, name)
                .filter(value -> !value.isEmpty())
                .orElseThrow(() -> new MalformedRequestException("no %s in the query".formatted(name)));
    }

    private static Optional<String> field(Map<String, String> fields, String name) {
        return Optional.ofNullable(fields.get(name.toLowerCase(Locale.ROOT)));
    }
}
