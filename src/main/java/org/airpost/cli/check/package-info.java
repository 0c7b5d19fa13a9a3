/**
 * {@code airpost check}: goes the way of a phone that is being set up, step by step, and says in words what is wrong and how
 * to mend it.
 *
 * <p>Everything is seen from outside, over the network that a {@link org.airpost.cli.check.Network} stands for, so it works
 * against any server. The phone of these steps is {@link org.airpost.phone.Phone}. A step that fails ends those that build
 * on it: a password goes to no server whose certificate is not good.
 *
 * <p>Start reading at {@link org.airpost.cli.check.Check}.
 */
@NullMarked
package org.airpost.cli.check;

import org.jspecify.annotations.NullMarked;
