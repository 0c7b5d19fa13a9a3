@NullMarked
package org.airpost.cli;

import org.jspecify.annotations.NullMarked;
