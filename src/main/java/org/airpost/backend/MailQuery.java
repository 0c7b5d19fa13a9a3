package org.airpost.backend;

import java.time.LocalDate;
import java.util.List;

/** What a message must be like to be found: what IMAP SEARCH can say of it. Texts match in any case of letters. */
public sealed interface MailQuery {

    /** Any message. */
    record All() implements MailQuery {}

    /** All of these hold; any message if there are none. */
    record And(List<MailQuery> parts) implements MailQuery {

        public And {
            parts = List.copyOf(parts);
        }
    }

    /** One of these holds; no message if there are none. */
    record Or(List<MailQuery> parts) implements MailQuery {

        public Or {
            parts = List.copyOf(parts);
        }
    }

    /** This does not hold. */
    record Not(MailQuery part) implements MailQuery {}

    /** A text is somewhere: as a part of the field, or as words of it, as the server does it. */
    record Text(Where where, String text) implements MailQuery {

        public Text {
            if (text.isBlank()) {
                throw new IllegalArgumentException("no text to search for in " + where);
            }
        }
    }

    /** A header field holds a text; an empty one means that the field is there. */
    record Header(String name, String text) implements MailQuery {}

    /** Received on this day or later, by the server's INTERNALDATE and in its time zone. */
    record Since(LocalDate day) implements MailQuery {}

    /** Received before this day. */
    record Before(LocalDate day) implements MailQuery {}

    /** Carries a flag, or does not. */
    record Flagged(String flag, boolean isSet) implements MailQuery {}

    /** Has more bytes than this, or fewer. */
    record Size(long bytes, boolean isLarger) implements MailQuery {}

    /** Where a text is looked for. */
    enum Where {
        /** Sender, recipients, subject, text. */
        ANYWHERE,
        FROM,
        TO,
        CC,
        BCC,
        SUBJECT,
        BODY
    }

    /** True if messages have to be opened for this, where the server has no index. */
    default boolean readsText() {
        return switch (this) {
            case And(var parts) -> parts.stream().anyMatch(MailQuery::readsText);
            case Or(var parts) -> parts.stream().anyMatch(MailQuery::readsText);
            case Not(var part) -> part.readsText();
            case Text(var where, var _) -> where == Where.ANYWHERE || where == Where.BODY;
            case All _, Header _, Since _, Before _, Flagged _, Size _ -> false;
        };
    }
}
