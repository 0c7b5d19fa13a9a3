@NullMarked
package org.airpost.convert;

import org.jspecify.annotations.NullMarked;
