package org.airpost.phone;

import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.eas.FilterType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.GetItemEstimate;

/** GetItemEstimate for one collection. Source: MS-ASCMD "GetItemEstimate". */
final class EstimateDialogue {

    private final Wire wire;

    EstimateDialogue(Wire wire) {
        this.wire = wire;
    }

    Estimate estimate(String collectionId, String key, Optional<FilterType> filter) {
        var reply = wire.post(Wire.Post.of(CommandName.GET_ITEM_ESTIMATE, Wire.document(out -> {
            out.start(GetItemEstimate.GET_ITEM_ESTIMATE)
                    .start(GetItemEstimate.COLLECTIONS)
                    .start(GetItemEstimate.COLLECTION);
            if (wire.version() == ProtocolVersion.V12_1) {
                collectionOf12(out, collectionId, key, filter);
            } else {
                collection(out, collectionId, key, filter);
            }
            out.end().end().end();
        })));
        var reading = new Reading();
        Wire.read(CommandName.GET_ITEM_ESTIMATE, reply.body(), reading::answer);
        return new Estimate(reading.status, reading.items);
    }

    private static void collection(WbxmlWriter out, String collectionId, String key, Optional<FilterType> filter) {
        out.text(AirSync.SYNC_KEY, key).text(GetItemEstimate.COLLECTION_ID, collectionId);
        filter.ifPresent(type -> out.start(AirSync.OPTIONS)
                .text(AirSync.FILTER_TYPE, type.code())
                .end());
    }

    /** The order of old phones, which a server reads too. Source: GE-03. */
    private static void collectionOf12(WbxmlWriter out, String collectionId, String key, Optional<FilterType> filter) {
        out.text(GetItemEstimate.CLASS, "Email").text(GetItemEstimate.COLLECTION_ID, collectionId);
        filter.ifPresent(type -> out.text(AirSync.FILTER_TYPE, type.code()));
        out.text(AirSync.SYNC_KEY, key);
    }

    /** An answer while it is read. */
    private static final class Reading {

        private int status;
        private Optional<Integer> items = Optional.empty();

        void answer(WbxmlReader in) {
            in.root(GetItemEstimate.GET_ITEM_ESTIMATE);
            while (in.child()) {
                switch (in.tag()) {
                    case GetItemEstimate.STATUS -> status = (int) in.number(0, 10_000);
                    case GetItemEstimate.RESPONSE -> response(in);
                    default -> in.skip();
                }
            }
        }

        private void response(WbxmlReader in) {
            while (in.child()) {
                switch (in.tag()) {
                    case GetItemEstimate.STATUS -> status = (int) in.number(0, 10_000);
                    case GetItemEstimate.COLLECTION -> {
                        while (in.child()) {
                            if (in.tag() == GetItemEstimate.ESTIMATE) {
                                items = Optional.of((int) in.number(0, Integer.MAX_VALUE));
                            } else {
                                in.skip();
                            }
                        }
                    }
                    default -> in.skip();
                }
            }
        }
    }
}
