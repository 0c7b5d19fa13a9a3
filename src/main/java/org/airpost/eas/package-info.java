@NullMarked
package org.airpost.eas;

import org.jspecify.annotations.NullMarked;
