package org.airpost.phone;

import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.airpost.wbxml.WbxmlWriter;

/** What a phone asks a Sync to do with an item. Source: MS-ASCMD "Commands". */
public sealed interface ClientCommand {

    /** Changes what a mail item lets change; what is empty stays as it is. Source: MS-ASEMAIL. */
    record Change(String serverId, Optional<Boolean> read, Optional<Flag> flag, Optional<List<String>> categories)
            implements ClientCommand {

        public Change {
            categories = categories.map(List::copyOf);
        }
    }

    record Delete(String serverId) implements ClientCommand {}

    record Fetch(String serverId) implements ClientCommand {}

    /** A new item; {@code applicationData} writes the children of ApplicationData. */
    record Add(String clientId, Consumer<WbxmlWriter> applicationData) implements ClientCommand {}

    static ClientCommand read(String serverId, boolean read) {
        return new Change(serverId, Optional.of(read), Optional.empty(), Optional.empty());
    }

    static ClientCommand flag(String serverId, Flag flag) {
        return new Change(serverId, Optional.empty(), Optional.of(flag), Optional.empty());
    }

    static ClientCommand categories(String serverId, List<String> categories) {
        return new Change(serverId, Optional.empty(), Optional.empty(), Optional.of(categories));
    }

    static ClientCommand delete(String serverId) {
        return new Delete(serverId);
    }

    static ClientCommand fetch(String serverId) {
        return new Fetch(serverId);
    }
}
