/**
 * The devices: who they are, which policy they keep, whether they may come in.
 *
 * <p>{@link org.airpost.device.Devices} is the registry, a record for each device in the store; {@link
 * org.airpost.device.Policies} says which policy a user has, and {@link org.airpost.device.Provisioning} hands out policies and
 * the keys that stand for them; {@link org.airpost.device.Gate} decides about a request, by {@link
 * org.airpost.device.GateRules} and by what administrators said, and tells {@link org.airpost.device.GateEvents}; {@link
 * org.airpost.device.Wipes} is what becomes of a wipe; {@link org.airpost.device.Throttle} counts what a device asks; {@link
 * org.airpost.device.ClientQuirks} is the table of what certain clients need otherwise.
 * May import {@code eas} and {@code store}. Nothing here reads or writes a document: that is the business of the commands
 * {@code Provision} and {@code Settings}. Start reading at {@code Device}.
 */
@NullMarked
package org.airpost.device;

import org.jspecify.annotations.NullMarked;
