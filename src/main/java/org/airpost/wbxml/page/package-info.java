@NullMarked
package org.airpost.wbxml.page;

import org.jspecify.annotations.NullMarked;
