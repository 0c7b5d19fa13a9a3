@NullMarked
package org.airpost.http;

import org.jspecify.annotations.NullMarked;
