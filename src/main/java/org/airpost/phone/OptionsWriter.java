package org.airpost.phone;

import java.util.Optional;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;

/** Writes what a phone wants of bodies, the same in Sync and in a Fetch. Source: MS-ASAIRS "BodyPreference". */
final class OptionsWriter {

    private OptionsWriter() {}

    /** The children of Options that are about bodies. */
    static void write(WbxmlWriter out, BodyOptions options) {
        options.mimeTruncation().ifPresent(code -> out.text(AirSync.MIME_TRUNCATION, code));
        if (options.mimeSupport() != 0) {
            out.text(AirSync.MIME_SUPPORT, options.mimeSupport());
        }
        for (var preference : options.preferences()) {
            preference(out, AirSyncBase.BODY_PREFERENCE, preference);
        }
        Optional<BodyPreference> part = options.bodyPart();
        part.ifPresent(preference -> preference(out, AirSyncBase.BODY_PART_PREFERENCE, preference));
    }

    private static void preference(WbxmlWriter out, Tag tag, BodyPreference preference) {
        out.start(tag).text(AirSyncBase.TYPE, preference.type().code());
        preference.truncationSize().ifPresent(size -> out.text(AirSyncBase.TRUNCATION_SIZE, size));
        if (preference.allOrNone()) {
            out.flag(AirSyncBase.ALL_OR_NONE, true);
        }
        if (preference.preview() > 0) {
            out.text(AirSyncBase.PREVIEW, preference.preview());
        }
        out.end();
    }
}
