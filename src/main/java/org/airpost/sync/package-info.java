/**
 * The sync engine: what a phone was told, what the mailbox holds, and the difference between the two.
 *
 * <p>A {@link org.airpost.sync.Ledger} is what one device knows of one folder; a {@link org.airpost.backend.FolderView} is
 * what the folder holds; {@link org.airpost.sync.Difference} is what is left to tell. {@link
 * org.airpost.sync.LedgerRecord} keeps two generations of a ledger, so that a lost answer can be given again. {@link
 * org.airpost.sync.Folders} gives mailboxes their stable ids, {@link org.airpost.sync.Hierarchy} tells a device about
 * them, {@link org.airpost.sync.Views} keeps the views fresh, and {@link org.airpost.sync.Watchers} wakes waiting phones.
 * Commands are not known here, nor is WBXML: start reading at {@code LedgerRecord}, then {@code Difference}.
 */
@NullMarked
package org.airpost.sync;

import org.jspecify.annotations.NullMarked;
