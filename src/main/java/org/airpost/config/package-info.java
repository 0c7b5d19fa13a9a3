/**
 * The configuration: what can be set, what it is if nobody sets it, and the file that says so.
 *
 * <p>{@link org.airpost.config.Options} is the one table of options. From it come both the parser and {@code
 * conf/airpost.conf}, so neither can say what the other does not. A new option is one constant and its place in a section
 * there, one component in {@link org.airpost.config.Config}, and a new print of the file ({@code ConfigTest} says how).
 *
 * <p>The file is HOCON. Types of its library stay in here. Other rooms do not import this one: {@code app} hands each what
 * it needs, as plain values. Start reading at {@code Config}, then {@code Options}.
 */
@NullMarked
package org.airpost.config;

import org.jspecify.annotations.NullMarked;
