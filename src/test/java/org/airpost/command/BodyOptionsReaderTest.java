package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.MalformedRequestException;
import org.airpost.wbxml.WbxmlLimits;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.junit.jupiter.api.Test;

class BodyOptionsReaderTest {

    @Test
    void nothingSaidIsTheDefault() {
        assertThat(read(out -> out.text(AirSync.FILTER_TYPE, 2))).isEqualTo(BodyOptions.DEFAULT);
    }

    @Test
    void allThatIsSaidIsTaken() {
        var options = read(out -> {
            out.text(AirSync.FILTER_TYPE, 2).text(AirSync.MIME_SUPPORT, 1).text(AirSync.MIME_TRUNCATION, 8);
            out.text(AirSync.TRUNCATION, 7);
            preference(out, AirSyncBase.BODY_PREFERENCE, 2, "4294967295", true);
            preference(out, AirSyncBase.BODY_PREFERENCE, 1, "512", false);
            preference(out, AirSyncBase.BODY_PART_PREFERENCE, 2, "100", false);
        });

        assertThat(options.preferences())
                .containsExactly(
                        new BodyPreference(BodyType.HTML, Optional.of(4_294_967_295L), true, 80),
                        new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(512L), false, 80));
        assertThat(options.bodyPart()).contains(new BodyPreference(BodyType.HTML, Optional.of(100L), false, 80));
        assertThat(options.mimeSupport()).isEqualTo(1);
        assertThat(options.mimeTruncation()).contains(8);
    }

    @Test
    void ofTwoPreferencesOfATypeTheLastCounts() {
        var options = read(out -> {
            preference(out, AirSyncBase.BODY_PREFERENCE, 1, "1", false);
            preference(out, AirSyncBase.BODY_PREFERENCE, 1, "2", false);
        });

        assertThat(options.preferences())
                .isEqualTo(List.of(new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(2L), false, 80)));
    }

    @Test
    void aBodyPartOfAnotherTypeIsStatus164() {
        assertThatThrownBy(() -> read(out -> preference(out, AirSyncBase.BODY_PART_PREFERENCE, 1, "1", false)))
                .isInstanceOfSatisfying(
                        StatusException.class,
                        e -> assertThat(e.status().code()).isEqualTo(164));
    }

    @Test
    void whatIsOutOfBoundsIsMalformed() {
        assertThatThrownBy(() -> read(out -> out.text(AirSync.MIME_SUPPORT, 3)))
                .isInstanceOf(MalformedRequestException.class);
        assertThatThrownBy(() -> read(out -> preference(out, AirSyncBase.BODY_PREFERENCE, 5, "1", false)))
                .isInstanceOf(MalformedRequestException.class);
        assertThatThrownBy(() -> read(out -> out.start(AirSyncBase.BODY_PREFERENCE)
                        .text(AirSyncBase.PREVIEW, 1)
                        .end()))
                .isInstanceOf(MalformedRequestException.class)
                .hasMessageContaining("Type");
    }

    private static void preference(WbxmlWriter out, AirSyncBase tag, int type, String size, boolean allOrNone) {
        out.start(tag)
                .text(AirSyncBase.TYPE, type)
                .text(AirSyncBase.TRUNCATION_SIZE, size)
                .flag(AirSyncBase.ALL_OR_NONE, allOrNone)
                .text(AirSyncBase.PREVIEW, 80)
                .end();
    }

    private static BodyOptions read(Consumer<WbxmlWriter> children) {
        var bytes = Documents.bytes(out -> {
            out.start(AirSync.OPTIONS);
            children.accept(out);
            out.end();
        });
        var in = new WbxmlReader(new ByteArrayInputStream(bytes), WbxmlLimits.REQUEST);
        in.root(AirSync.OPTIONS);
        var bodies = new BodyOptionsReader();
        while (in.child()) {
            if (!bodies.take(in)) {
                assertThat(in.tag()).isEqualTo(AirSync.FILTER_TYPE);
                in.skip();
            }
        }
        return bodies.options();
    }
}
