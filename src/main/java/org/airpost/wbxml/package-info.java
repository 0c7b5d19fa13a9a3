/** WBXML. */
@NullMarked
package org.airpost.wbxml;

import org.jspecify.annotations.NullMarked;
