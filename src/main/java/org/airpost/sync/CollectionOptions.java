package org.airpost.sync;

import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Optional;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.FilterType;

/**
 * The options of a collection, kept until the phone sends others. Source: MS-ASCMD "Options (Sync)".
 *
 * @param conflictKeepsServer Conflict 1, the default: at a conflict the server's version wins
 * @param conversations ConversationMode: with a message inside of the filter come all of its conversation that are in the
 *     folder. It stands beside the options, and is kept like them
 */
public record CollectionOptions(
        FilterType filter, BodyOptions body, boolean conflictKeepsServer, boolean conversations) {

    public static final CollectionOptions DEFAULT =
            new CollectionOptions(FilterType.ALL, BodyOptions.DEFAULT, true, false);

    /** The same with another filter. */
    public CollectionOptions with(FilterType other) {
        return new CollectionOptions(other, body, conflictKeepsServer, conversations);
    }

    /** The same with another ConversationMode. */
    public CollectionOptions withConversations(boolean mode) {
        return new CollectionOptions(filter, body, conflictKeepsServer, mode);
    }

    void write(DataOutputStream out) throws IOException {
        out.writeByte(filter.code());
        out.writeBoolean(conflictKeepsServer);
        out.writeBoolean(conversations);
        out.writeByte(body.mimeSupport());
        out.writeByte(body.mimeTruncation().orElse(-1));
        out.writeByte(body.preferences().size());
        for (var preference : body.preferences()) {
            write(preference, out);
        }
        out.writeBoolean(body.bodyPart().isPresent());
        if (body.bodyPart().isPresent()) {
            write(body.bodyPart().get(), out);
        }
    }

    /** Reads what {@link #write} wrote; before there were conversations nothing was said of them. */
    static CollectionOptions read(DataInputStream in, boolean hasConversations) throws IOException {
        var filter = FilterType.ofCode(in.readByte()).orElse(FilterType.ALL);
        boolean keepsServer = in.readBoolean();
        boolean conversations = hasConversations && in.readBoolean();
        int mimeSupport = in.readByte();
        int mimeTruncation = in.readByte();
        var preferences = new ArrayList<BodyPreference>();
        for (int left = in.readByte(); left > 0; left--) {
            preferences.add(readPreference(in));
        }
        var bodyPart = in.readBoolean() ? Optional.of(readPreference(in)) : Optional.<BodyPreference>empty();
        var truncation = mimeTruncation < 0 ? Optional.<Integer>empty() : Optional.of(mimeTruncation);
        return new CollectionOptions(
                filter, new BodyOptions(preferences, bodyPart, mimeSupport, truncation), keepsServer, conversations);
    }

    private static void write(BodyPreference preference, DataOutputStream out) throws IOException {
        out.writeByte(preference.type().code());
        out.writeLong(preference.truncationSize().orElse(-1L));
        out.writeBoolean(preference.allOrNone());
        out.writeByte(preference.preview());
    }

    private static BodyPreference readPreference(DataInputStream in) throws IOException {
        var type = BodyType.ofCode(in.readByte()).orElse(BodyType.PLAIN_TEXT);
        long size = in.readLong();
        boolean allOrNone = in.readBoolean();
        int preview = Byte.toUnsignedInt(in.readByte());
        return new BodyPreference(type, size < 0 ? Optional.empty() : Optional.of(size), allOrNone, preview);
    }
}
