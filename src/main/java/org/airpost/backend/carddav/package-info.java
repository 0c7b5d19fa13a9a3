/**
 * People of the user's own address book on a CardDAV server.
 *
 * <p>{@link org.airpost.backend.carddav.CardDavDirectory} asks with the user's credentials and lets the server look;
 * {@code MultiStatus} reads the answers, {@code Cards} makes people of vCards. Types of the vCard library stay in here. No
 * redirect is followed, since the password goes with each request.
 */
@NullMarked
package org.airpost.backend.carddav;

import org.jspecify.annotations.NullMarked;
