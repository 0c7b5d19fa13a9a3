@NullMarked
package org.airpost.config;

import org.jspecify.annotations.NullMarked;
