@NullMarked
package org.airpost.app;

import org.jspecify.annotations.NullMarked;
