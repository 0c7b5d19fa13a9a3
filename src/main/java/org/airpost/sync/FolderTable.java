package org.airpost.sync;

import java.io.ByteArrayInputStream;
import java.io.DataInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiPredicate;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.airpost.backend.Mailbox;
import org.airpost.eas.FolderType;
import org.airpost.store.StoreException;

/**
 * A user's folders and the ids that they were given. Immutable.
 *
 * @param nextId the id that the next new folder gets; no id is given twice
 * @param rows parents before children
 */
record FolderTable(long nextId, List<Row> rows) {

    private static final int FORMAT = 1;

    static final FolderTable EMPTY = new FolderTable(1, List.of());

    /**
     * A folder and what is known of its mailbox.
     *
     * @param mailboxId MAILBOXID, if the server has it
     * @param missed true if the last LIST did not name it
     */
    record Row(Folder folder, Optional<String> mailboxId, boolean missed) {}

    FolderTable {
        rows = List.copyOf(rows);
    }

    Optional<Folder> find(String id) {
        return rows.stream().map(Row::folder).filter(f -> f.id().equals(id)).findFirst();
    }

    Optional<Folder> ofType(FolderType type) {
        return rows.stream().map(Row::folder).filter(f -> f.type() == type).findFirst();
    }

    Optional<Folder> ofMailbox(String mailbox) {
        return rows.stream()
                .map(Row::folder)
                .filter(f -> f.mailbox().equals(mailbox))
                .findFirst();
    }

    /** True if the last LIST did not name a folder that holds no mail: with the next one that does not, it is gone. */
    boolean missesHolders() {
        return rows.stream().anyMatch(row -> row.missed() && !row.folder().selectable());
    }

    List<Folder> folders() {
        return rows.stream().map(Row::folder).toList();
    }

    /**
     * The table after the server has listed its mailboxes: a mailbox keeps the id of its MAILBOXID, else that of its name
     * unless that was another MAILBOXID's, else that of a missing folder that it is the same as; others get new ids. A folder
     * of mail is missing, too, if its name is there and only holds others, and the other way round.
     *
     * @param gone whether the mailbox of a folder that was not listed is gone for sure
     * @param same whether a mailbox is what a missing folder was, under another name
     */
    FolderTable reconcile(List<Mailbox> listed, Predicate<Folder> gone, BiPredicate<Folder, Mailbox> same) {
        var rowOf = new HashMap<Mailbox, Row>();
        var left = new ArrayList<>(rows);
        take(
                listed,
                left,
                rowOf,
                (row, mailbox) -> mailbox.id().isPresent() && mailbox.id().equals(row.mailboxId()));
        // What held mail and only holds others now is another folder, for phones that do not hear of a new Type.
        take(
                listed,
                left,
                rowOf,
                (row, mailbox) -> mayBe(row, mailbox)
                        && row.folder().mailbox().equals(mailbox.name())
                        && row.folder().selectable() == mailbox.selectable());
        take(
                listed,
                left,
                rowOf,
                (row, mailbox) -> mailbox.selectable() && mayBe(row, mailbox) && same.test(row.folder(), mailbox));
        var names = listed.stream().map(Mailbox::name).collect(Collectors.toSet());
        long next = nextId;
        var idOf = new HashMap<String, String>();
        var given = EnumSet.noneOf(FolderType.class);
        var made = new ArrayList<Row>();
        for (var mailbox : listed) {
            var row = rowOf.get(mailbox);
            var id = row == null ? Long.toString(next++) : row.folder().id();
            idOf.put(mailbox.name(), id);
            var type = type(mailbox, given);
            made.add(new Row(folder(id, mailbox, type, idOf), mailbox.id(), false));
        }
        for (var row : left) {
            // Where another mailbox has the name now there is nothing to ask the server.
            boolean isGone = names.contains(row.folder().mailbox())
                    || (row.folder().selectable() ? gone.test(row.folder()) : row.missed());
            if (!isGone) {
                made.add(new Row(row.folder(), row.mailboxId(), true));
            }
        }
        return new FolderTable(next, orphansToTop(made));
    }

    /** Not if each has a MAILBOXID: those of one mailbox are the same. */
    private static boolean mayBe(Row row, Mailbox mailbox) {
        return mailbox.id().isEmpty() || row.mailboxId().isEmpty();
    }

    /** The table after a mailbox was renamed, and with it those below it. */
    FolderTable renamed(Folder renamed, String newName) {
        var ids = new HashSet<String>(Set.of(renamed.id()));
        var old = renamed.mailbox();
        return new FolderTable(
                nextId,
                rows.stream()
                        .map(row -> {
                            // Parents come first. That names begin alike is not enough: A-B is not below A.
                            var folder = row.folder();
                            boolean isBelow = ids.contains(folder.parentId())
                                    && folder.mailbox().startsWith(old);
                            if (!folder.id().equals(renamed.id()) && !isBelow) {
                                return row;
                            }
                            ids.add(folder.id());
                            return new Row(
                                    new Folder(
                                            folder.id(),
                                            folder.parentId(),
                                            folder.displayName(),
                                            folder.type(),
                                            newName + folder.mailbox().substring(old.length()),
                                            folder.selectable()),
                                    row.mailboxId(),
                                    row.missed());
                        })
                        .toList());
    }

    /** The table without a folder: a mailbox that gets its name is another one, with another id. */
    FolderTable without(String id) {
        return new FolderTable(
                nextId,
                orphansToTop(rows.stream()
                        .filter(row -> !row.folder().id().equals(id))
                        .toList()));
    }

    /** Gives mailboxes that have none yet the first row that fits. */
    private static void take(
            List<Mailbox> listed, List<Row> left, Map<Mailbox, Row> rowOf, BiPredicate<Row, Mailbox> fits) {
        for (var mailbox : listed) {
            if (!rowOf.containsKey(mailbox)) {
                var found = left.stream().filter(row -> fits.test(row, mailbox)).findFirst();
                found.ifPresent(row -> {
                    left.remove(row);
                    rowOf.put(mailbox, row);
                });
            }
        }
    }

    private static FolderType type(Mailbox mailbox, Set<FolderType> given) {
        if (!mailbox.selectable()) {
            return FolderType.GENERIC;
        }
        var type = mailbox.role()
                .map(role -> switch (role) {
                    case INBOX -> FolderType.INBOX;
                    case DRAFTS -> FolderType.DRAFTS;
                    case SENT -> FolderType.SENT_ITEMS;
                    case TRASH -> FolderType.DELETED_ITEMS;
                    case JUNK, ARCHIVE -> FolderType.USER_MAIL;
                })
                .orElse(FolderType.USER_MAIL);
        return type == FolderType.USER_MAIL || given.add(type) ? type : FolderType.USER_MAIL;
    }

    private static Folder folder(String id, Mailbox mailbox, FolderType type, Map<String, String> idOf) {
        // Phones look for the special folders at the top, wherever the server keeps them.
        boolean atTop = type != FolderType.USER_MAIL && type != FolderType.GENERIC;
        var parentId = atTop
                ? "0"
                : mailbox.parent().map(parent -> idOf.getOrDefault(parent, "0")).orElse("0");
        var name = type == FolderType.INBOX ? "Inbox" : mailbox.displayName();
        return new Folder(id, parentId, name, type, mailbox.name(), mailbox.selectable());
    }

    private static List<Row> orphansToTop(List<Row> rows) {
        var ids = new HashSet<String>();
        rows.forEach(row -> ids.add(row.folder().id()));
        return rows.stream()
                .map(row -> ids.contains(row.folder().parentId())
                        ? row
                        : new Row(withParent(row.folder(), "0"), row.mailboxId(), row.missed()))
                .toList();
    }

    private static Folder withParent(Folder folder, String parentId) {
        return new Folder(
                folder.id(), parentId, folder.displayName(), folder.type(), folder.mailbox(), folder.selectable());
    }

    byte[] toBytes() {
        return Ledgers.bytes(out -> {
            out.writeByte(FORMAT);
            out.writeLong(nextId);
            out.writeInt(rows.size());
            for (var row : rows) {
                var folder = row.folder();
                out.writeUTF(folder.id());
                out.writeUTF(folder.parentId());
                out.writeUTF(folder.displayName());
                out.writeUTF(folder.type().name());
                out.writeUTF(folder.mailbox());
                out.writeBoolean(folder.selectable());
                out.writeUTF(row.mailboxId().orElse(""));
                out.writeBoolean(row.missed());
            }
        });
    }

    static FolderTable ofBytes(byte[] bytes) {
        try (var in = new DataInputStream(new ByteArrayInputStream(bytes))) {
            int format = in.readByte();
            if (format != FORMAT) {
                throw new StoreException("folder table has format " + format);
            }
            long nextId = in.readLong();
            var rows = new ArrayList<Row>();
            for (int left = in.readInt(); left > 0; left--) {
                var folder = new Folder(
                        in.readUTF(),
                        in.readUTF(),
                        in.readUTF(),
                        FolderType.valueOf(in.readUTF()),
                        in.readUTF(),
                        in.readBoolean());
                var mailboxId = in.readUTF();
                rows.add(new Row(
                        folder, mailboxId.isEmpty() ? Optional.empty() : Optional.of(mailboxId), in.readBoolean()));
            }
            return new FolderTable(nextId, rows);
        } catch (IOException | IllegalArgumentException e) {
            throw new StoreException("folder table cannot be read", e);
        }
    }
}
