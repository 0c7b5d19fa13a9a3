package org.airpost.eas;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Locale;
import java.util.regex.Pattern;
import org.airpost.wbxml.MalformedRequestException;

/**
 * The canonical text of a device id. A phone may say its id as text in a plain query and as bytes in a base64 query, in
 * turn, and must be the same device. What phones put into the bytes is either that text (the example of MS-ASHTTP:
 * {@code v140Device}) or the bytes of which the text is the hexadecimal form. So:
 *
 * <ul>
 *   <li>text stays as it is, except that an even number of hexadecimal digits is written in upper case;
 *   <li>bytes that are all characters of an id are that text;
 *   <li>all other bytes are upper case hexadecimal.
 * </ul>
 *
 * <p>Two forms would only part if the raw bytes behind a hexadecimal text were all letters and digits by chance: one in 10⁹
 * for the 16 bytes of a GUID. Source: MS-ASHTTP "Device ID", "Base64 Encoded Query Value".
 */
public final class DeviceId {

    private static final Pattern TEXT = Pattern.compile("[A-Za-z0-9._-]{1,64}");
    private static final Pattern HEX = Pattern.compile("(?:[0-9A-Fa-f]{2})+");
    private static final int SHOWN = 80;

    private DeviceId() {}

    /** From a plain query. One that {@link DeviceKey} has no place for is a {@link MalformedRequestException}. */
    public static String canonical(String text) {
        if (!TEXT.matcher(text).matches()) {
            throw new MalformedRequestException("DeviceId \"%s\" is not 1 to 64 letters, digits, '.', '_' or '-'"
                    .formatted(text.length() <= SHOWN ? text : text.substring(0, SHOWN) + "…"));
        }
        return HEX.matcher(text).matches() ? text.toUpperCase(Locale.ROOT) : text;
    }

    /** From a base64 query: 1 to 32 bytes, or up to 64 if they are text. */
    public static String canonical(byte[] bytes) {
        var text = new String(bytes, StandardCharsets.ISO_8859_1);
        return canonical(
                TEXT.matcher(text).matches()
                        ? text
                        : HexFormat.of().withUpperCase().formatHex(bytes));
    }
}
