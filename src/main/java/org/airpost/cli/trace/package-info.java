/**
 * Replays a trace against a test instance: what a phone has said is said again, with the keys and ids that the instance gives,
 * and what it answers otherwise is told. Start reading at {@link org.airpost.cli.trace.Replay}.
 */
@NullMarked
package org.airpost.cli.trace;

import org.jspecify.annotations.NullMarked;
