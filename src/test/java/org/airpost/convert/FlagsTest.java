package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.FolderView;
import org.airpost.eas.Annotation;
import org.airpost.eas.FollowUp;
import org.airpost.eas.FollowUp.Element;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.junit.jupiter.api.Test;

class FlagsTest {

    private static final Instant WHEN = Instant.parse("2026-11-26T03:00:00Z");

    private static String changed(Set<String> flags, Annotation annotation) {
        var bytes = new ByteArrayOutputStream();
        try (var out = new WbxmlWriter(bytes)) {
            out.start(AirSync.APPLICATION_DATA);
            Flags.writeChanged(
                    out,
                    ProtocolVersion.V16_1,
                    flags,
                    Set.of(),
                    annotation.followUp().isPresent(),
                    annotation.verb() > 0,
                    annotation);
            out.end();
        }
        return ItemDump.of(bytes.toByteArray());
    }

    @Test
    void whatWasDoneLastIsTheVerbThatIsNotedUnlessTheFlagsSayOtherwise() {
        var forwarded = Annotation.NONE.with(3, WHEN);
        assertThat(changed(Set.of(FolderView.ANSWERED, FolderView.FORWARDED), forwarded))
                .contains("LastVerbExecuted = 3", "LastVerbExecutionTime = 2026-11-26T03:00:00.000Z");
        assertThat(changed(Set.of(FolderView.ANSWERED), forwarded))
                .contains("LastVerbExecuted = 1")
                .doesNotContain("LastVerbExecutionTime");
        assertThat(changed(Set.of(), forwarded)).doesNotContain("LastVerb");
    }

    @Test
    void theDatesOfAFlagGoWithTheFlag() {
        var due = new FollowUp(
                false, Map.of(Element.UTC_DUE_DATE, "2026-12-01T00:00:00.000Z", Element.SUBJECT, "Ring back"));
        assertThat(changed(Set.of(FolderView.FLAGGED), Annotation.NONE.with(Optional.of(due))))
                .isEqualTo("""
                        Email:Flag
                          Tasks:Subject = Ring back
                          Email:Status = 2
                          Email:FlagType = for Follow Up
                          Tasks:UtcDueDate = 2026-12-01T00:00:00.000Z
                        """);
        assertThat(changed(Set.of(), Annotation.NONE.with(Optional.of(due)))).isEqualTo("Email:Flag\n");
    }

    @Test
    void whatIsDoneIsShownAsDoneUntilItIsFlaggedAgain() {
        var done = Annotation.NONE.with(
                Optional.of(new FollowUp(true, Map.of(Element.COMPLETE_TIME, "2026-12-01T00:00:00.000Z"))));
        assertThat(changed(Set.of(), done)).contains("Status = 1", "CompleteTime = 2026-12-01T00:00:00.000Z");
        assertThat(changed(Set.of(FolderView.FLAGGED), done))
                .contains("Status = 2")
                .doesNotContain("CompleteTime");
    }
}
