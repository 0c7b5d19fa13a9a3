/**
 * Content: mail as the phone wants it, and what the phone sends as mail.
 *
 * <p>Inbound, {@link org.airpost.convert.MailConverter} makes EAS items of messages: {@code BodyPlan} decides from the
 * structure what to read, {@code BodyMaker} makes text or HTML of it, {@code Envelope} reads the header, {@code ItemContent}
 * writes the elements. {@code PartAttachment} streams one part. Beneath are tools without state: charsets
 * ({@code TextEncoding}, {@code TextDecoder}), transfer encodings ({@code TransferDecoder}), header text
 * ({@code EncodedWords}, {@code MailAddress}), {@code PlainText}, {@code Html}.
 *
 * <p>Everything here reads what strangers wrote. Nothing may fail on it: tools take any bytes, {@code Guard} bounds the time
 * of one message, and a message that breaks all the same becomes a placeholder. Nothing fetches more than was asked for or
 * holds a whole message in memory. Imports wbxml, eas and the types of backend.
 */
@NullMarked
package org.airpost.convert;

import org.jspecify.annotations.NullMarked;
