package org.airpost.convert;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MessageData;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;

/** Makes EAS mail items of messages, fetching no more than the options ask for. */
public final class MailConverter {

    /** Where messages are: a mailbox of an account, and the id by which the phone knows it. */
    public record Place(MailAccount mail, String mailbox, long uidValidity, String folderId) {}

    /** A message ready to be written. */
    public interface Item {

        long uid();

        /** True if the message could not be converted and this is a placeholder for it. */
        boolean isPlaceholder();

        /** About how many bytes {@link #write} will write. */
        long approximateBytes();

        /**
         * Writes the children of ApplicationData or Properties. The flags are those that the ledger will hold, not those that
         * the message had when it was fetched.
         */
        void write(WbxmlWriter out, Set<String> flags);
    }

    /** Items of messages, in the order asked, without those that are gone. A broken message gives a placeholder. */
    public List<Item> items(Place place, List<Long> uids, BodyOptions options, ProtocolVersion version) {
        throw new UnsupportedOperationException();
    }

    /**
     * Writes the children of a Change that concerns flags alone: Read, Flag, Categories, LastVerbExecuted as far as the flags
     * in {@code changed} concern them.
     */
    public void writeFlags(WbxmlWriter out, ProtocolVersion version, Set<String> flags, Set<String> changed) {
        throw new UnsupportedOperationException();
    }

    /** An attachment, if the message and the part are there. Its content is not fetched yet. */
    public Optional<Attachment> attachment(Place place, FileReference reference) {
        throw new UnsupportedOperationException();
    }

    /** An attachment. Its content, transfer encoding undone, is streamed. */
    public interface Attachment {

        /** Media type, such as {@code image/png}. */
        String contentType();

        /** File name, never empty. */
        String name();

        /** Writes the decoded bytes from first to last (both included, zero-based) and gives the size of the whole. */
        long write(java.io.OutputStream out, long first, long last) throws java.io.IOException;
    }

    /** True if the message is S/MIME, signed or encrypted. */
    public static boolean isSmime(MessageData message) {
        throw new UnsupportedOperationException();
    }
}
