/**
 * What administrators do, and users for themselves: one class of operations for each subject ({@code DeviceActions}, {@code
 * PasswordActions} …). Each asks what the {@link org.airpost.admin.Role} of the {@link org.airpost.admin.Actor} allows, does it,
 * writes it into the {@link org.airpost.admin.Audit} log, and gives a {@link org.airpost.admin.Result}.
 *
 * <p>Two ways lead here, and neither does anything else: the console with its API, and a socket in the file system, beside the
 * store, that only the user of the gateway can open. What comes by the socket is words ({@link org.airpost.admin.AdminCommands},
 * and {@code …Commands} for each subject). Who may use the console is here, too ({@link org.airpost.admin.AdminAccounts}). Start
 * reading at {@link org.airpost.admin.DeviceActions}.
 */
@NullMarked
package org.airpost.admin;

import org.jspecify.annotations.NullMarked;
