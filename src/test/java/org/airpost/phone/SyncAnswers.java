package org.airpost.phone;

import java.util.function.Consumer;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Email;

/** Answers of a Sync for collection 5, to be put into a script. */
final class SyncAnswers {

    private SyncAnswers() {}

    /** A collection with a key, and what follows it. */
    static Consumer<WbxmlWriter> collection(String key, Consumer<WbxmlWriter> rest) {
        return out -> {
            out.start(AirSync.SYNC).start(AirSync.COLLECTIONS).start(AirSync.COLLECTION);
            out.text(AirSync.SYNC_KEY, key).text(AirSync.COLLECTION_ID, "5").text(AirSync.STATUS, 1);
            rest.accept(out);
            out.end().end().end();
        };
    }

    static Consumer<WbxmlWriter> key(String key) {
        return collection(key, _ -> {});
    }

    static Consumer<WbxmlWriter> failed(int status) {
        return out -> out.start(AirSync.SYNC)
                .start(AirSync.COLLECTIONS)
                .start(AirSync.COLLECTION)
                .text(AirSync.COLLECTION_ID, "5")
                .text(AirSync.STATUS, status)
                .end()
                .end()
                .end();
    }

    @SafeVarargs
    static Consumer<WbxmlWriter> commands(Consumer<WbxmlWriter>... commands) {
        return out -> {
            out.start(AirSync.COMMANDS);
            for (var command : commands) {
                command.accept(out);
            }
            out.end();
        };
    }

    static Consumer<WbxmlWriter> more() {
        return out -> out.empty(AirSync.MORE_AVAILABLE);
    }

    static Consumer<WbxmlWriter> add(String id, String subject) {
        return out -> out.start(AirSync.ADD)
                .text(AirSync.SERVER_ID, id)
                .start(AirSync.APPLICATION_DATA)
                .text(Email.SUBJECT, subject)
                .flag(Email.READ, false)
                .end()
                .end();
    }

    static Consumer<WbxmlWriter> changeRead(String id, boolean read) {
        return out -> out.start(AirSync.CHANGE)
                .text(AirSync.SERVER_ID, id)
                .start(AirSync.APPLICATION_DATA)
                .flag(Email.READ, read)
                .end()
                .end();
    }

    static Consumer<WbxmlWriter> delete(String id) {
        return out -> out.start(AirSync.DELETE).text(AirSync.SERVER_ID, id).end();
    }
}
