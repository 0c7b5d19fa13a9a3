/**
 * An EAS client of our own: what the demo, {@code airpost phone} and the tests use in place of a phone. It knows the
 * protocol and nothing of the server's rooms, so it can be pointed at any EAS server.
 *
 * <p>It is a strict phone: it keeps a {@link org.airpost.phone.Replica} of each collection as a real one does, and
 * writes down as a {@link org.airpost.phone.Violation} whatever a server may not do. An EAS status is a value of the
 * answer; an HTTP error is a {@link org.airpost.phone.PhoneException}.
 *
 * <p>Start reading at {@link org.airpost.phone.Phone}. {@code Wire} is the HTTP beneath, one {@code …Dialogue} writes
 * the request and reads the answer of each command, {@code ItemReader} reads what an item carries.
 */
@NullMarked
package org.airpost.phone;

import org.jspecify.annotations.NullMarked;
