/**
 * Finds the mail servers of a domain that nobody has configured: by SRV records, else by the domain's autoconfig file.
 *
 * <p>What is found is believed for a while, and what cannot be found out now is "not now", never "there is none": a password
 * must not go to the wrong server because a name server was slow. {@link org.airpost.backend.found.Dns} is the small part of
 * DNS that Airpost asks for, also used by {@code airpost check}; types of the DNS library stay in here.
 *
 * <p>Start reading at {@link org.airpost.backend.found.ServerLookup}, then {@link org.airpost.backend.found.FoundHomes}.
 */
@NullMarked
package org.airpost.backend.found;

import org.jspecify.annotations.NullMarked;
