/**
 * The JSON API under {@code /api/v1}: what the console can do, for programs. A table of routes; each says what it takes and
 * gives, and the OpenAPI description is made of that table. Start reading at {@link org.airpost.console.api.ApiSite}.
 */
@NullMarked
package org.airpost.console.api;

import org.jspecify.annotations.NullMarked;
