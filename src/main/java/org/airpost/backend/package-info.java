@NullMarked
package org.airpost.backend;

import org.jspecify.annotations.NullMarked;
