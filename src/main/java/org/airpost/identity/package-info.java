/**
 * How a device shows who it is, apart from the mail password: app passwords, certificates of an authority of Airpost's own,
 * and by what the mail server is reached then: a master user, or the user's mail password in a vault. Start reading at
 * {@link org.airpost.identity.SignIns}, which decides; see docs/decisions/018. Nothing here knows of HTTP; a secret leaves this
 * room once, when it is made. Passwords of administrators are hashed here as well ({@link org.airpost.identity.Argon2}), and
 * looked after in {@code admin}.
 */
@NullMarked
package org.airpost.identity;

import org.jspecify.annotations.NullMarked;
