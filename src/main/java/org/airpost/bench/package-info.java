@NullMarked
package org.airpost.bench;

import org.jspecify.annotations.NullMarked;
