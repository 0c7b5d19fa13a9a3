package org.airpost.command;

import java.util.Optional;
import org.airpost.convert.FileReference;
import org.airpost.convert.MailConverter;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.ItemOperationsStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.RequestLine.Parameter;
import org.airpost.eas.Spool;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;
import org.airpost.sync.Views;

/**
 * Gives an attachment as it is, in an answer without a document. Phones of 12.1 and before ask so; later there is
 * ItemOperations. Source: MS-ASCMD "GetAttachment", R166 for the 500.
 */
public final class GetAttachment implements Command {

    private static final String UNKNOWN = "application/octet-stream";

    private final MailItems items;

    public GetAttachment(Folders folders, Views views, Ledgers ledgers, MailConverter converter) {
        this.items = MailItems.of(folders, views, ledgers, converter);
    }

    @Override
    public Answer run(Request request) {
        if (request.version().atLeast(ProtocolVersion.V14_0)) {
            throw new StatusException(CommonStatus.COMMAND_NOT_SUPPORTED, "GetAttachment ends with 12.1");
        }
        var name = Optional.ofNullable(request.line().parameters().get(Parameter.ATTACHMENT_NAME));
        var reference = name.flatMap(FileReference::parse);
        var attachment = reference.flatMap(r -> items.locate(request.account(), request.device(), r.folderId())
                .flatMap(located ->
                        items.attachment(request.device(), located.place(request.account()), r, request.limits())));
        if (attachment.isEmpty() || !request.admits(attachment.get().received())) {
            return Answer.http(500);
        }
        if (!request.limits().admitsAttachment(attachment.get().approximateBytes())) {
            return Answer.http(403);
        }
        var type = attachment.get().contentType().matches("[!-~]+")
                ? attachment.get().contentType()
                : UNKNOWN;
        return switch (AttachmentSpool.read(attachment.get(), AttachmentSpool.Range.ALL, false, Answer.MOST)) {
            // Nothing in it is no failure here: there is no status that could say so.
            case AttachmentSpool.Result.Failed(var status) ->
                status == ItemOperationsStatus.EMPTY
                        ? new Answer.Bytes(new Spool(Answer.IN_MEMORY, Answer.MOST), type)
                        : Answer.http(500);
            case AttachmentSpool.Result.Read(var spool) -> new Answer.Bytes(spool.bytes(), type);
        };
    }
}
