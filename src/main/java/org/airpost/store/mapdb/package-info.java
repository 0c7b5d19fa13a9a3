/**
 * The store on the local disk: MapDB's B-trees over a file whose writes go through a journal of our own.
 *
 * <p>{@link org.airpost.store.mapdb.MapDbStore} gathers the writes of many threads into one commit. Below it MapDB keeps
 * keys, values and expiries in trees; below MapDB, {@code JournaledVolume} makes each commit all or nothing, which MapDB
 * 3.1.0 alone does not (docs/decisions/003-journal-under-mapdb.md). {@code Journal} is the file with the page images.
 *
 * <p>The only room that may name a type of {@code org.mapdb}. A change of what lies on the disk needs a new format number
 * and a migration. Start reading at {@code MapDbStore}, then {@code JournaledVolume}.
 */
@NullMarked
package org.airpost.store.mapdb;

import org.jspecify.annotations.NullMarked;
