package org.airpost.phone;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.airpost.eas.CommandName;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.Move;

/** MoveItems. Source: MS-ASCMD "MoveItems". */
final class MoveDialogue {

    private final Wire wire;
    private final Violations violations;

    MoveDialogue(Wire wire, Violations violations) {
        this.wire = wire;
        this.violations = violations;
    }

    List<MoveResult> move(List<String> serverIds, String sourceFolder, String targetFolder) {
        var reply = wire.post(Wire.Post.of(CommandName.MOVE_ITEMS, Wire.document(out -> {
            out.start(Move.MOVE_ITEMS);
            for (var id : serverIds) {
                out.start(Move.MOVE)
                        .text(Move.SRC_MSG_ID, id)
                        .text(Move.SRC_FLD_ID, sourceFolder)
                        .text(Move.DST_FLD_ID, targetFolder)
                        .end();
            }
            out.end();
        })));
        var results = new ArrayList<MoveResult>();
        Wire.read(CommandName.MOVE_ITEMS, reply.body(), in -> answer(in, serverIds, results));
        violations.check(
                results.size() == serverIds.size(),
                "MV-02",
                "MoveItems",
                "%d responses to %d moves".formatted(results.size(), serverIds.size()));
        for (var result : results) {
            violations.check(
                    !result.succeeded() || result.destinationId().isPresent(),
                    "MV-02",
                    "MoveItems",
                    "Status 3 without DstMsgId");
        }
        return results;
    }

    /** A status of the whole command stands for each move. */
    private static void answer(WbxmlReader in, List<String> serverIds, List<MoveResult> results) {
        in.root(Move.MOVE_ITEMS);
        while (in.child()) {
            switch (in.tag()) {
                case Move.STATUS -> {
                    int status = (int) in.number(0, 10_000);
                    serverIds.forEach(id -> results.add(new MoveResult(id, status, Optional.empty())));
                }
                case Move.RESPONSE -> results.add(response(in));
                default -> in.skip();
            }
        }
    }

    private static MoveResult response(WbxmlReader in) {
        var source = "";
        int status = 0;
        Optional<String> destination = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case Move.SRC_MSG_ID -> source = in.text();
                case Move.STATUS -> status = (int) in.number(0, 10_000);
                case Move.DST_MSG_ID -> destination = Optional.of(in.text());
                default -> in.skip();
            }
        }
        return new MoveResult(source, status, destination);
    }
}
