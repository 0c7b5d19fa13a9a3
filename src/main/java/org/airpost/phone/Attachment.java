package org.airpost.phone;

import java.util.Optional;

/**
 * An attachment as it was announced. Source: MS-ASAIRS "Attachment".
 *
 * @param method 1 ordinary, 5 embedded message, 6 OLE
 * @param size estimate in bytes
 */
public record Attachment(
        String displayName,
        String fileReference,
        int method,
        long size,
        Optional<String> contentId,
        Optional<String> contentType,
        boolean inline) {}
