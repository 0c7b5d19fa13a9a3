@NullMarked
package org.airpost.device;

import org.jspecify.annotations.NullMarked;
