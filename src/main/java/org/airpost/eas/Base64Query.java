package org.airpost.eas;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.wbxml.MalformedRequestException;

/** A query of packed fields in base64. Source: MS-ASHTTP "Base64 Encoded Query Value". */
final class Base64Query {

    private static final int OPTIONS = 7;
    private static final int USER = 8;
    private static final int SAVE_IN_SENT = 0x01;
    private static final int ACCEPT_MULTI_PART = 0x02;

    private final byte[] bytes;
    private int position;

    private Base64Query(byte[] bytes) {
        this.bytes = bytes;
    }

    /**
     * The bytes of a base64 query, or empty if the query is a plain one: which has an equals sign between name and value,
     * where base64 has it at the end only.
     */
    static Optional<byte[]> bytes(String query) {
        var unpadded = unpadded(query);
        if (query.isEmpty() || unpadded.indexOf('&') >= 0 || unpadded.indexOf('=') >= 0) {
            return Optional.empty();
        }
        var packed = RequestLines.decoded("query", unpadded)
                .replace('-', '+')
                .replace('_', '/')
                .replace(' ', '+');
        try {
            return Optional.of(Base64.getDecoder().decode(packed));
        } catch (IllegalArgumentException e) {
            var unreadable =
                    new MalformedRequestException("query \"%s\" is no base64".formatted(RequestLines.shown(query)));
            unreadable.initCause(e);
            throw unreadable;
        }
    }

    private static String unpadded(String query) {
        int end = query.length();
        while (end > 0) {
            if (query.charAt(end - 1) == '=') {
                end--;
            } else if (query.regionMatches(true, end - 3, "%3D", 0, 3)) {
                end -= 3;
            } else {
                break;
            }
        }
        return query.substring(0, end);
    }

    static RequestLines.Result parse(byte[] bytes, Map<String, String> headers) {
        return new Base64Query(bytes).parse(headers);
    }

    private RequestLines.Result parse(Map<String, String> headers) {
        int versionCode = number("protocol version", 1);
        var version = ProtocolVersion.ofCode(versionCode);
        if (version.isEmpty()) {
            return new RequestLines.UnknownVersion("%d.%d".formatted(versionCode / 10, versionCode % 10));
        }
        int commandCode = number("command code", 1);
        var command = CommandName.ofCode(commandCode);
        if (command.isEmpty()) {
            return new RequestLines.UnknownCommand(Integer.toString(commandCode));
        }
        number("locale", 2); // answers carry no text of ours that would need it
        var deviceId = DeviceId.canonical(deviceIdBytes());
        var policyKey = policyKey().or(() -> RequestLines.policyKey(headers));
        var deviceType = text(counted("device type"));
        var parameters = new EnumMap<Parameter, String>(Parameter.class);
        var user = "";
        int options = 0;
        while (position < bytes.length) {
            int tag = number("parameter tag", 1);
            var value = counted("parameter " + tag);
            switch (tag) {
                case OPTIONS -> options = value.length == 0 ? 0 : value[0];
                case USER -> user = text(value);
                default ->
                    Arrays.stream(Parameter.values()) // tags that nobody knows are passed over
                            .filter(parameter -> parameter.tag() == tag)
                            .forEach(parameter -> parameters.putIfAbsent(parameter, text(value)));
            }
        }
        return new RequestLines.Parsed(new RequestLine(
                command.get(),
                version.get(),
                deviceId,
                deviceType,
                policyKey,
                user,
                parameters,
                (options & SAVE_IN_SENT) != 0,
                (options & ACCEPT_MULTI_PART) != 0 || RequestLines.acceptMultiPart(headers)));
    }

    private byte[] deviceIdBytes() {
        var id = counted("device id");
        if (id.length == 0) {
            throw new MalformedRequestException("device id of 0 bytes in the base64 query");
        }
        return id;
    }

    private Optional<Long> policyKey() {
        int length = number("policy key length", 1);
        return switch (length) {
            case 0 -> Optional.empty();
            case 4 -> Optional.of(Integer.toUnsignedLong(number("policy key", 4)));
            default ->
                throw new MalformedRequestException(
                        "policy key of %d bytes in the base64 query, expected 0 or 4".formatted(length));
        };
    }

    private byte[] counted(String field) {
        return take(field, number("length of " + field, 1));
    }

    /** A little-endian number. */
    private int number(String field, int size) {
        var taken = take(field, size);
        int value = 0;
        for (int i = size - 1; i >= 0; i--) {
            value = (value << 8) | (taken[i] & 0xFF);
        }
        return value;
    }

    private byte[] take(String field, int length) {
        int left = bytes.length - position;
        if (length > left) {
            throw new MalformedRequestException("%s of %d bytes at byte %d of the base64 query, where %d are left"
                    .formatted(field, length, position, left));
        }
        position += length;
        return Arrays.copyOfRange(bytes, position - length, position);
    }

    private static String text(byte[] value) {
        return new String(value, StandardCharsets.UTF_8);
    }
}
