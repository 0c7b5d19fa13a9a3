package org.airpost.convert;

import java.util.Locale;
import org.airpost.backend.BodyStructure;

/** What S/MIME makes of a message. Source: RFC 8551 sections 3 and 3.9; MS-ASEMAIL "MessageClass". */
enum Smime {
    NONE,
    /** Encrypted, or signed with the content inside the signature. */
    OPAQUE,
    /** Signed, readable without S/MIME. */
    CLEAR_SIGNED;

    static Smime of(BodyStructure structure) {
        return switch (structure.mediaType()) {
            case "application/pkcs7-mime", "application/x-pkcs7-mime" -> OPAQUE;
            case "multipart/signed" -> isPkcs7(structure) ? CLEAR_SIGNED : NONE;
            // Gateways that know no S/MIME leave the name.
            case "application/octet-stream" ->
                structure.fileName().filter(Smime::isOpaque).isPresent() ? OPAQUE : NONE;
            default -> NONE;
        };
    }

    private static boolean isOpaque(String name) {
        return name.toLowerCase(Locale.ROOT).endsWith(".p7m");
    }

    private static boolean isPkcs7(BodyStructure signed) {
        var protocol = signed.parameters().getOrDefault("protocol", "").toLowerCase(Locale.ROOT);
        if (!protocol.isEmpty()) {
            return protocol.contains("pkcs7-signature");
        }
        return signed.children().size() > 1
                && signed.children().get(1).subtype().contains("pkcs7-signature");
    }
}
