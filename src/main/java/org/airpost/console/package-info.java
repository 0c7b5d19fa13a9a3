/**
 * The web pages of Airpost and its JSON API. Pages are made on the server, work without scripts and load nothing from
 * elsewhere.
 *
 * <p>{@link org.airpost.console.web} is what all pages share: frame, forms, sessions. What is done is done by the operations
 * of {@code admin}, which check what somebody may; nothing here reads or writes the store. Start reading at {@link
 * org.airpost.console.ConsoleSite}: its table of routes is all that there is.
 */
@NullMarked
package org.airpost.console;

import org.jspecify.annotations.NullMarked;
