/**
 * Plain protocol data of Exchange ActiveSync, without behaviour towards anybody: versions and command names, statuses as
 * tables (one enum a command, the specification's code and meaning a row), dates, body preferences, device ids, and the
 * request line that {@link org.airpost.eas.RequestLines} reads from query and headers. {@link org.airpost.eas.Spool} is
 * here because every room that moves a mail needs it.
 *
 * <p>This room imports {@code wbxml} and nothing else of ours; it opens no connection and keeps no state. What the
 * specification prints as a table is a table here, with its source, and code elsewhere reads the row. A failed command
 * ends with {@link org.airpost.eas.StatusException}. Start with {@link org.airpost.eas.RequestLine}, then the statuses.
 * Source: MS-ASCMD, MS-ASHTTP, MS-ASDTYPE.
 */
@NullMarked
package org.airpost.eas;

import org.jspecify.annotations.NullMarked;
