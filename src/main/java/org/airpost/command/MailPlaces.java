package org.airpost.command;

import java.time.Instant;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.UidSet;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.FolderType;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;

/** Where a user's mail is, as far as sending needs to know. */
interface MailPlaces {

    /** A mailbox and the UIDVALIDITY that it has now. */
    record Place(String mailbox, long uidValidity) {}

    /** The mailbox of a folder that holds mail, if the ids that the device has of it hold. */
    Optional<Place> find(Account account, DeviceKey device, String folderId);

    /** The UID of the message that the device knows by a number, if it knows one. */
    default Optional<Long> uidOf(DeviceKey device, String folderId, long number) {
        return Optional.of(number);
    }

    /** Where copies of sent mail go. */
    Optional<Place> sent(Account account);

    /** Where mail to the user arrives. */
    default Optional<Place> inbox(Account account) {
        return Optional.empty();
    }

    /** Notes what was done with a message: a verb of {@link org.airpost.eas.Annotation}, and when. */
    default void note(Account account, String folderId, long uidValidity, long uid, int verb, Instant when) {}

    /** As the folder table says. */
    static MailPlaces of(Folders folders, Ledgers ledgers) {
        return new MailPlaces() {
            @Override
            public Optional<Place> find(Account account, DeviceKey device, String folderId) {
                return folders.find(account, folderId)
                        .filter(Folder::holdsMail)
                        .flatMap(folder -> place(account, folder)
                                .filter(place -> ledgers.idsHold(device, folder.id(), place.uidValidity())));
            }

            @Override
            public Optional<Long> uidOf(DeviceKey device, String folderId, long number) {
                return ledgers.uidOf(device, folderId, number);
            }

            @Override
            public Optional<Place> sent(Account account) {
                return place(account, folders.special(account, FolderType.SENT_ITEMS));
            }

            @Override
            public Optional<Place> inbox(Account account) {
                return place(account, folders.special(account, FolderType.INBOX));
            }

            @Override
            public void note(Account account, String folderId, long uidValidity, long uid, int verb, Instant when) {
                folders.find(account, folderId)
                        .ifPresent(folder -> folders.notes()
                                .change(
                                        account.user(),
                                        folder,
                                        uidValidity,
                                        UidSet.of(uid),
                                        annotation -> annotation.with(verb, when)));
            }

            private Optional<Place> place(Account account, Folder folder) {
                return folders.view(account, folder).map(view -> new Place(folder.mailbox(), view.uidValidity()));
            }
        };
    }
}
