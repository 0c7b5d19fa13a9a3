/**
 * A store that forgets everything when the process ends: for tests, and for {@code airpost demo}.
 *
 * <p>It keeps to the same contract as the others except for the disk. It is not a cache in front of another store, and
 * nothing in here should grow beyond one small class.
 *
 * <p>Start reading at {@link org.airpost.store.memory.MemoryStore}.
 */
@NullMarked
package org.airpost.store.memory;

import org.jspecify.annotations.NullMarked;
