/**
 * Puts the house together: {@link org.airpost.app.Gateway} builds every object once and hands each the others that it needs,
 * with a class for each subject: {@code DeviceGate}, {@code SignIn}, {@code Engine}, {@code PhoneCommands},
 * {@code Administration} and {@code Sites}, in that order. There is no container and no registry; who wants to know what
 * depends on what reads it there.
 * {@link org.airpost.app.Setup} makes the settings of the rooms out of the configuration. Nothing imports this room but
 * {@code cli} and {@code bench}.
 */
@NullMarked
package org.airpost.app;

import org.jspecify.annotations.NullMarked;
