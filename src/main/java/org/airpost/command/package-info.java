@NullMarked
package org.airpost.command;

import org.jspecify.annotations.NullMarked;
