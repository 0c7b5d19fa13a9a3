@NullMarked
package org.airpost.sync;

import org.jspecify.annotations.NullMarked;
