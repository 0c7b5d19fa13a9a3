/**
 * Bytes by key: all that Airpost remembers over a restart goes through {@link org.airpost.store.Store}.
 *
 * <p>The room knows nothing of devices, folders or ledgers; it promises only that a write which was answered is on the
 * disk, and that two writers of one key cannot both win. Whoever keeps state here brings it as one value per key and
 * changes it by compare-and-set. A new engine is a new package beside {@code memory} and {@code mapdb}, with one subclass
 * of {@code StoreContract} in the tests: what that class asks, each store must give.
 *
 * <p>Imports nothing of ours. Start reading at {@link org.airpost.store.Store}.
 */
@NullMarked
package org.airpost.store;

import org.jspecify.annotations.NullMarked;
