package org.airpost.phone;

import java.util.EnumMap;
import java.util.Map;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.page.ComposeMail;

/** SendMail, SmartReply and SmartForward, as 14.0 and later and as 12.1 do it. Source: MS-ASCMD "SendMail" and others. */
final class SendDialogue {

    private final Wire wire;
    private final Violations violations;

    SendDialogue(Wire wire, Violations violations) {
        this.wire = wire;
        this.violations = violations;
    }

    /** The status, 1 for an answer without a body; below 14.0 a failure is an HTTP status. */
    int send(
            CommandName command,
            String clientId,
            byte[] mime,
            boolean saveInSent,
            Optional<Source> source,
            boolean replaceMime) {
        var root = switch (command) {
            case SMART_REPLY -> ComposeMail.SMART_REPLY;
            case SMART_FORWARD -> ComposeMail.SMART_FORWARD;
            default -> ComposeMail.SEND_MAIL;
        };
        var post = wire.version() == ProtocolVersion.V12_1
                ? plain(command, mime, saveInSent, source)
                : Wire.Post.of(command, document(root, clientId, mime, saveInSent, source, replaceMime));
        var reply = wire.post(post);
        if (reply.isEmpty()) {
            return 1;
        }
        int[] status = {0};
        Wire.read(command, reply.body(), in -> {
            in.root(root);
            while (in.child()) {
                if (in.tag() == ComposeMail.STATUS) {
                    status[0] = (int) in.number(0, 10_000);
                } else {
                    in.skip();
                }
            }
        });
        violations.check(status[0] > 1, "SM-01", command.text(), "a body with Status %d".formatted(status[0]));
        return status[0];
    }

    private static byte[] document(
            Tag root, String clientId, byte[] mime, boolean saveInSent, Optional<Source> source, boolean replaceMime) {
        return Wire.document(out -> {
            out.start(root).text(ComposeMail.CLIENT_ID, clientId);
            source.ifPresent(original -> {
                out.start(ComposeMail.SOURCE);
                switch (original) {
                    case Source.ById id ->
                        out.text(ComposeMail.FOLDER_ID, id.folderId()).text(ComposeMail.ITEM_ID, id.itemId());
                    case Source.ByLongId id -> out.text(ComposeMail.LONG_ID, id.longId());
                }
                out.end();
            });
            if (saveInSent) {
                out.empty(ComposeMail.SAVE_IN_SENT_ITEMS);
            }
            if (replaceMime) {
                out.empty(ComposeMail.REPLACE_MIME);
            }
            out.opaque(ComposeMail.MIME, mime).end();
        });
    }

    private static Wire.Post plain(CommandName command, byte[] mime, boolean saveInSent, Optional<Source> source) {
        Map<Parameter, String> parameters = new EnumMap<>(Parameter.class);
        source.ifPresent(original -> {
            switch (original) {
                case Source.ById id -> {
                    parameters.put(Parameter.COLLECTION_ID, id.folderId());
                    parameters.put(Parameter.ITEM_ID, id.itemId());
                }
                case Source.ByLongId id -> parameters.put(Parameter.LONG_ID, id.longId());
            }
        });
        return new Wire.Post(command, Wire.RFC822, mime, parameters, saveInSent, false, Wire.PATIENCE);
    }
}
