package org.airpost.command;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import org.airpost.convert.ConversationKey;
import org.airpost.sync.AlwaysMoved;

/** Reads of the headers of mails what {@code sync} needs to know of conversations. */
public final class ConversationReader implements AlwaysMoved.Reader {

    @Override
    public List<String> fields() {
        return ConversationKey.FIELDS;
    }

    @Override
    public Optional<AlwaysMoved.Said> read(byte[] header) {
        return ConversationKey.of(header)
                .map(key -> new AlwaysMoved.Said(key.id(), key.messageId().getBytes(ISO_8859_1)));
    }

    /** The number of a mail's conversation; empty if it is one for itself. */
    public OptionalLong number(byte[] header) {
        return ConversationKey.of(header)
                .map(key -> OptionalLong.of(key.number()))
                .orElse(OptionalLong.empty());
    }
}
