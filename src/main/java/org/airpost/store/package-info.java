@NullMarked
package org.airpost.store;

import org.jspecify.annotations.NullMarked;
