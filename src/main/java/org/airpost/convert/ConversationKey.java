package org.airpost.convert;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.MailQuery;

/**
 * How the messages of one conversation are found: a mail server cannot be asked for a ConversationId, but for what it is made
 * of.
 *
 * @param id the ConversationId, 16 bytes
 * @param like holds for each message of the conversation, and for some others perhaps
 * @param messageId of this message; empty if it has none
 */
public record ConversationKey(byte[] id, MailQuery like, String messageId) {

    /** The header fields that tell it. */
    public static final List<String> FIELDS =
            List.of("References", "In-Reply-To", "Message-ID", "Subject", "From", "Date");

    /** The first eight bytes of the id: enough to tell a user's conversations apart, if not those of somebody who tries. */
    public long number() {
        return numberOf(id);
    }

    /** The same of an id that a phone has sent, of eight bytes or more. */
    public static long numberOf(byte[] id) {
        return ByteBuffer.wrap(id).getLong();
    }

    /**
     * The key of a message, by its header or those fields of it; empty for one that says nothing of itself, which is a
     * conversation for itself.
     */
    public static Optional<ConversationKey> of(byte[] header) {
        var block = HeaderBlock.parse(header);
        return Conversation.origin(block, Envelope.topic(Envelope.subject(block, "")))
                .map(origin -> new ConversationKey(
                        Conversation.hash(origin.text()),
                        origin.like(),
                        block.first("message-id").orElse("")));
    }
}
