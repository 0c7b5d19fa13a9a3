@NullMarked
package org.airpost.phone;

import org.jspecify.annotations.NullMarked;
