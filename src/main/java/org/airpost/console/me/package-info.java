/**
 * The pages of users, under {@code /me}: their devices, app passwords, certificates, and how to set up a phone. A page asks the
 * facade ({@code admin}) in the name of the user who has signed in, so nobody else's things can be named. Start reading at
 * {@link org.airpost.console.me.MySite}.
 */
@NullMarked
package org.airpost.console.me;

import org.jspecify.annotations.NullMarked;
