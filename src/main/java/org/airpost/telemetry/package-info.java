/**
 * What is seen of a gateway that works: the last exchanges of each device, counters of the last minutes, measurements for
 * Prometheus, the health of the servers behind it, and traces that an administrator switches on.
 *
 * <p>It is told, and asks nobody: {@link org.airpost.telemetry.Telemetry} is what the server calls for each request, the
 * store and the backends tell what they do through small classes here, and {@code app} ties it together. Telling must never
 * block, and all that is kept has a bound. Nothing that leaves this room holds a subject, an address of a correspondent, a
 * text or a credential: documents are printed by {@code WbxmlXml.toRedactedXml}. The only room that may name a type of
 * {@code io.prometheus}. Start reading at {@code Telemetry}.
 */
@NullMarked
package org.airpost.telemetry;

import org.jspecify.annotations.NullMarked;
