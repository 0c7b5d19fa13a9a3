package org.airpost.convert;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;

/** An item written and read again, as indented lines that a person can judge. */
final class ItemDump {

    private ItemDump() {}

    /** WBXML of the first message of a fake account. */
    static byte[] wbxml(FakeMail mail, BodyOptions options, ProtocolVersion version, String... flags) {
        var item = new MailConverter(MailConverter.Settings.DEFAULT)
                .items(mail.place(), List.of(1L), options, version)
                .getFirst();
        return wbxml(item, flags);
    }

    static byte[] wbxml(MailConverter.Item item, String... flags) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(AirSync.APPLICATION_DATA);
            item.write(out, Set.of(flags));
            out.end();
        }
        return bytes.toByteArray();
    }

    static String of(FakeMail mail, BodyOptions options, ProtocolVersion version, String... flags) {
        return of(wbxml(mail, options, version, flags));
    }

    static String of(byte[] wbxml) {
        var in = new WbxmlReader(new ByteArrayInputStream(wbxml), new WbxmlLimits(32, 100_000, 16 << 20, 256L << 20));
        in.root(AirSync.APPLICATION_DATA);
        var text = new StringBuilder();
        children(in, 0, text);
        return text.toString();
    }

    private static void children(WbxmlReader in, int depth, StringBuilder text) {
        while (in.child()) {
            var tag = in.tag();
            text.append("  ".repeat(depth)).append(tag.namespace()).append(':').append(tag.tagName());
            boolean container = switch (tag) {
                case AirSyncBase.BODY,
                        AirSyncBase.BODY_PART,
                        AirSyncBase.ATTACHMENTS,
                        AirSyncBase.ATTACHMENT,
                        Email.FLAG,
                        Email.CATEGORIES,
                        Email.MEETING_REQUEST,
                        Email.RECURRENCES,
                        Email.RECURRENCE,
                        AirSyncBase.LOCATION -> true;
                default -> false;
            };
            if (container) {
                text.append('\n');
                children(in, depth + 1, text);
            } else if (tag == Email2.CONVERSATION_ID || tag == Email2.CONVERSATION_INDEX) {
                text.append(" = ").append(HexFormat.of().formatHex(bytes(in))).append('\n');
            } else {
                value(new String(bytes(in), StandardCharsets.UTF_8), depth, text);
            }
        }
    }

    private static void value(String value, int depth, StringBuilder text) {
        if (!value.contains("\n") && !value.contains("\r")) {
            text.append(value.isEmpty() ? "\n" : " = " + value + "\n");
            return;
        }
        text.append(" =\n");
        for (var line : value.split("\n", -1)) {
            text.append("  ".repeat(depth))
                    .append("| ")
                    .append(line.replace("\r", ""))
                    .append('\n');
        }
    }

    private static byte[] bytes(WbxmlReader in) {
        try {
            return in.bytes().readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
