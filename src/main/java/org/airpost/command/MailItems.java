package org.airpost.command;

import java.util.List;
import java.util.Optional;
import org.airpost.backend.Account;
import org.airpost.backend.FolderView;
import org.airpost.backend.UidSet;
import org.airpost.convert.FileReference;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.DeviceKey;
import org.airpost.eas.MailLimits;
import org.airpost.eas.ProtocolVersion;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Views;

/** What ItemOperations needs of folders and messages: a seam, so that its tests do without a mail server. */
interface MailItems {

    /** A folder with its present view. */
    record Located(Folder folder, FolderView view) {

        MailConverter.Place place(Account account) {
            return new MailConverter.Place(
                    account.user(), account.mail(), folder.mailbox(), view.uidValidity(), folder.id());
        }
    }

    /** The mail folder of this user with a CollectionId, if it is there and the ids that the device has of it hold. */
    Optional<Located> locate(Account account, DeviceKey device, String collectionId);

    /** The UID of the message that the device knows by a number, if it knows one. */
    default Optional<Long> uidOf(DeviceKey device, String folderId, long number) {
        return Optional.of(number);
    }

    /** Notes that messages are gone because this device has asked for it: it need not be woken to be told. */
    void removed(Account account, DeviceKey device, Folder folder, UidSet uids);

    /** A message, if it is there. */
    Optional<MailConverter.Item> item(
            MailConverter.Place place, long uid, BodyOptions options, ProtocolVersion version, MailLimits limits);

    /** An attachment, if it is there: of a draft that the device has edited since, by the reference of before too. */
    Optional<MailConverter.Attachment> attachment(
            DeviceKey device, MailConverter.Place place, FileReference reference, MailLimits limits);

    /** The real ones. */
    static MailItems of(Folders folders, Views views, Ledgers ledgers, MailConverter converter) {
        return new MailItems() {

            @Override
            public Optional<Located> locate(Account account, DeviceKey device, String collectionId) {
                return folders.find(account, collectionId)
                        .filter(Folder::holdsMail)
                        .flatMap(folder -> folders.view(account, folder)
                                .filter(view -> ledgers.idsHold(device, folder.id(), view.uidValidity()))
                                .map(view -> new Located(folder, view)));
            }

            @Override
            public Optional<Long> uidOf(DeviceKey device, String folderId, long number) {
                return ledgers.uidOf(device, folderId, number);
            }

            @Override
            public void removed(Account account, DeviceKey device, Folder folder, UidSet uids) {
                views.removed(account, folder, uids);
                ledgers.quiet(device, folder.id(), uids);
            }

            @Override
            public Optional<MailConverter.Item> item(
                    MailConverter.Place place,
                    long uid,
                    BodyOptions options,
                    ProtocolVersion version,
                    MailLimits limits) {
                var noted = place.with(folders.notes().of(place.user(), place.folderId(), place.uidValidity())::apply);
                return converter.within(limits).items(noted, List.of(uid), options, version).stream()
                        .findFirst();
            }

            @Override
            public Optional<MailConverter.Attachment> attachment(
                    DeviceKey device, MailConverter.Place place, FileReference reference, MailLimits limits) {
                long uid = ledgers.presentOf(device, place.folderId(), reference.uid());
                return converter.within(limits).attachment(place, uid, reference);
            }
        };
    }
}
