package org.airpost.phone;

import java.time.Instant;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.eas.EasDate;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.Settings;

/** The out-of-office part of Settings. Texts are plain ones. */
final class AwayDialogue {

    private final Wire wire;

    AwayDialogue(Wire wire) {
        this.wire = wire;
    }

    Away get() {
        var reading = exchange(Wire.document(out -> out.start(Settings.SETTINGS)
                .start(Settings.OOF)
                .start(Settings.GET)
                .text(Settings.BODY_TYPE, "Text")
                .end()
                .end()
                .end()));
        return new Away(
                reading.status(), reading.state, reading.from, reading.until, reading.internal, reading.external);
    }

    /** Sets an absence with one text for all; its status. */
    int set(String text, Optional<Instant> from, Optional<Instant> until) {
        return exchange(Wire.document(out -> {
                    out.start(Settings.SETTINGS).start(Settings.OOF).start(Settings.SET);
                    out.text(Settings.OOF_STATE, from.isPresent() ? 2 : 1);
                    from.ifPresent(time -> out.text(Settings.START_TIME, EasDate.separated(time)));
                    until.ifPresent(time -> out.text(Settings.END_TIME, EasDate.separated(time)));
                    message(out, Settings.APPLIES_TO_INTERNAL, text);
                    message(out, Settings.APPLIES_TO_EXTERNAL_KNOWN, text);
                    message(out, Settings.APPLIES_TO_EXTERNAL_UNKNOWN, text);
                    out.end().end().end();
                }))
                .status();
    }

    private static void message(WbxmlWriter out, Settings audience, String text) {
        out.start(Settings.OOF_MESSAGE)
                .empty(audience)
                .text(Settings.ENABLED, 1)
                .text(Settings.REPLY_MESSAGE, text)
                .text(Settings.BODY_TYPE, "Text")
                .end();
    }

    /** Ends an absence; its status. */
    int end() {
        return exchange(Wire.document(out -> out.start(Settings.SETTINGS)
                        .start(Settings.OOF)
                        .start(Settings.SET)
                        .text(Settings.OOF_STATE, 0)
                        .end()
                        .end()
                        .end()))
                .status();
    }

    private Reading exchange(byte[] document) {
        var reply = wire.post(Wire.Post.of(CommandName.SETTINGS, document));
        var reading = new Reading();
        Wire.read(CommandName.SETTINGS, reply.body(), in -> {
            in.root(Settings.SETTINGS);
            reading.whole(in);
        });
        return reading;
    }

    /** An answer while it is read. */
    private static final class Reading {

        private int topStatus;
        private int partStatus;
        private int state;
        private Optional<Instant> from = Optional.empty();
        private Optional<Instant> until = Optional.empty();
        private String internal = "";
        private String external = "";

        private int status() {
            return topStatus > 1 || partStatus == 0 ? topStatus : partStatus;
        }

        private void whole(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.STATUS -> topStatus = (int) in.number(0, 10_000);
                    case Settings.OOF -> part(in);
                    default -> in.skip();
                }
            }
        }

        private void part(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.STATUS -> partStatus = (int) in.number(0, 10_000);
                    case Settings.GET -> absence(in);
                    default -> in.skip();
                }
            }
        }

        private void absence(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.OOF_STATE -> state = (int) in.number(0, 2);
                    case Settings.START_TIME -> from = EasDate.parse(in.text());
                    case Settings.END_TIME -> until = EasDate.parse(in.text());
                    case Settings.OOF_MESSAGE -> message(in);
                    default -> in.skip();
                }
            }
        }

        private void message(WbxmlReader in) {
            boolean isInternal = false;
            boolean isUnknown = false;
            boolean enabled = false;
            var text = "";
            while (in.child()) {
                switch (in.tag()) {
                    case Settings.APPLIES_TO_INTERNAL -> {
                        isInternal = true;
                        in.skip();
                    }
                    case Settings.APPLIES_TO_EXTERNAL_UNKNOWN -> {
                        isUnknown = true;
                        in.skip();
                    }
                    case Settings.ENABLED -> enabled = in.flag();
                    case Settings.REPLY_MESSAGE -> text = in.text();
                    default -> in.skip();
                }
            }
            if (enabled && isInternal) {
                internal = text;
            } else if (enabled && isUnknown) {
                external = text;
            }
        }
    }
}
