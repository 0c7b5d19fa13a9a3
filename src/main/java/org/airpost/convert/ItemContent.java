package org.airpost.convert;

import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.airpost.backend.BodyStructure;
import org.airpost.backend.FolderView;
import org.airpost.backend.MessageData;
import org.airpost.eas.Annotation;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.Tag;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;
import org.airpost.wbxml.page.Find;

/**
 * A message as an EAS item, all but its body, its flags and its attachments ready to be written. Source: MS-ASEMAIL 2.2.2.
 *
 * @param codePage of the text as it is stored
 * @param nativeType 1 text, 2 HTML
 * @param invitation if the message is about a meeting
 */
record ItemContent(
        Envelope envelope,
        Instant received,
        String messageClass,
        int codePage,
        int nativeType,
        List<AttachmentEntry> attachments,
        Optional<BodyMaker.BodyPart> bodyPart,
        Optional<Invitation> invitation) {

    /** A row of the list of attachments. Source: MS-ASAIRS "Attachment". */
    record AttachmentEntry(
            String name,
            FileReference reference,
            int method,
            long size,
            Optional<String> contentId,
            Optional<String> location,
            boolean inline) {

        static final int ORDINARY = 1;
        static final int MESSAGE = 5;

        static AttachmentEntry of(
                BodyStructure part, Optional<String> id, FileReference reference, String charset, boolean inline) {
            boolean message = FileNames.isMessage(part);
            return new AttachmentEntry(
                    FileNames.of(part, charset),
                    reference,
                    message ? MESSAGE : ORDINARY,
                    TransferDecoder.estimate(part.size(), part.encoding()),
                    id.filter(one -> !one.isBlank()),
                    part.location().filter(location -> !location.isBlank()),
                    inline);
        }
    }

    /** Source: MS-ASDTYPE "dateTime Data Type". */
    private static final DateTimeFormatter TIME = DateTimeFormatter.ofPattern(
                    "yyyy-MM-dd'T'HH:mm:ss.SSS'Z'", Locale.ROOT)
            .withZone(ZoneOffset.UTC);

    private static final int MOST_BCC = 1_024;

    private static final String MESSAGE_CLASS = "urn:content-classes:message";

    /** As Exchange writes it of meetings. */
    private static final String CALENDAR_CLASS = "urn:content-classes:calendarmessage";

    ItemContent {
        attachments = List.copyOf(attachments);
    }

    /** Writes the item; the body is written by {@code body} at its place. */
    void write(WbxmlWriter out, Set<String> flags, Annotation annotation, ProtocolVersion version, Runnable body) {
        addresses(out);
        out.text(Email.SUBJECT, envelope.subject());
        nonEmpty(out, Email.REPLY_TO, list(envelope.replyTo(), ";", MailAddress.MOST_CHARACTERS));
        out.text(Email.DATE_RECEIVED, TIME.format(received));
        nonEmpty(out, Email.DISPLAY_TO, names(envelope.to()));
        nonEmpty(out, Email.THREAD_TOPIC, envelope.topic());
        out.text(Email.IMPORTANCE, envelope.importance());
        out.flag(Email.READ, Flags.has(flags, FolderView.SEEN));
        writeAttachments(out);
        body.run();
        bodyPart.ifPresent(part -> Bodies.write(out, part));
        out.text(Email.MESSAGE_CLASS, messageClass);
        invitation.ifPresent(meeting -> MeetingRequest.write(out, meeting, received, version));
        out.text(Email.INTERNET_CPID, codePage);
        Flags.writeFlag(out, flags, annotation);
        out.text(Email.CONTENT_CLASS, invitation.isPresent() ? CALENDAR_CLASS : MESSAGE_CLASS);
        out.text(AirSyncBase.NATIVE_BODY_TYPE, nativeType);
        if (version.atLeast(ProtocolVersion.V14_0)) {
            out.opaque(Email2.CONVERSATION_ID, envelope.conversation().id());
            out.opaque(Email2.CONVERSATION_INDEX, envelope.conversation().index());
            Flags.writeVerb(out, flags, annotation);
            if (envelope.receivedAsBcc() && !Flags.has(flags, FolderView.DRAFT)) {
                out.flag(Email2.RECEIVED_AS_BCC, true);
            }
            envelope.sender().ifPresent(sender -> out.text(Email2.SENDER, sender.toString()));
            Flags.writeCategories(out, flags);
        }
        if (version.atLeast(ProtocolVersion.V16_0)) {
            out.flag(Email2.IS_DRAFT, Flags.has(flags, FolderView.DRAFT));
            nonEmpty(out, Email2.BCC, list(envelope.bcc(), ", ", MOST_BCC));
        }
    }

    /** Writes what Find tells of an item. Source: MS-ASCMD_R10031960 to R10031972; FindResponse.xsd. */
    void writeFound(WbxmlWriter out, Set<String> flags, Optional<String> preview) {
        out.text(Email.SUBJECT, envelope.subject());
        out.text(Email.DATE_RECEIVED, TIME.format(received));
        nonEmpty(out, Email.DISPLAY_TO, names(envelope.to()));
        nonEmpty(out, Find.DISPLAY_CC, names(envelope.cc()));
        nonEmpty(out, Find.DISPLAY_BCC, names(envelope.bcc()));
        out.text(Email.IMPORTANCE, envelope.importance());
        out.flag(Email.READ, Flags.has(flags, FolderView.SEEN));
        out.flag(Email2.IS_DRAFT, Flags.has(flags, FolderView.DRAFT));
        preview.ifPresent(text -> nonEmpty(out, Find.PREVIEW, text));
        out.flag(Find.HAS_ATTACHMENTS, attachments.stream().anyMatch(one -> !one.inline));
        out.text(Email.FROM, Preview.firstCharacters(envelope.from().toString(), MailAddress.MOST_CHARACTERS));
    }

    private static String names(List<MailAddress> addresses) {
        return MailAddress.join(
                addresses.stream().map(MailAddress::display).toList(), "; ", MailAddress.MOST_CHARACTERS);
    }

    private void addresses(WbxmlWriter out) {
        nonEmpty(out, Email.TO, list(envelope.to(), ", ", MailAddress.MOST_CHARACTERS));
        nonEmpty(out, Email.CC, list(envelope.cc(), ", ", MailAddress.MOST_CHARACTERS));
        out.text(Email.FROM, Preview.firstCharacters(envelope.from().toString(), MailAddress.MOST_CHARACTERS));
    }

    private static String list(List<MailAddress> addresses, String separator, int most) {
        return MailAddress.join(addresses.stream().map(MailAddress::toString).toList(), separator, most);
    }

    private static void nonEmpty(WbxmlWriter out, Tag tag, String text) {
        if (!text.isEmpty()) {
            out.text(tag, text);
        }
    }

    private void writeAttachments(WbxmlWriter out) {
        if (attachments.isEmpty()) {
            return;
        }
        out.start(AirSyncBase.ATTACHMENTS);
        for (var one : attachments) {
            out.start(AirSyncBase.ATTACHMENT)
                    .text(AirSyncBase.DISPLAY_NAME, one.name)
                    .text(AirSyncBase.FILE_REFERENCE, one.reference.toString())
                    .text(AirSyncBase.METHOD, one.method)
                    .text(AirSyncBase.ESTIMATED_DATA_SIZE, one.size);
            one.contentId.ifPresent(id -> out.text(AirSyncBase.CONTENT_ID, id));
            one.location.ifPresent(location -> out.text(AirSyncBase.CONTENT_LOCATION, location));
            if (one.inline) {
                out.flag(AirSyncBase.IS_INLINE, true);
            }
            out.end();
        }
        out.end();
    }

    /** The message class, without the content of the message but that of a report. Source: MS-ASEMAIL "MessageClass". */
    static String messageClass(MessageData message, Smime smime, String status) {
        var structure = message.structure();
        if (smime != Smime.NONE) {
            return smime == Smime.OPAQUE ? "IPM.Note.SMIME" : "IPM.Note.SMIME.MultipartSigned";
        }
        if (!structure.mediaType().equals("multipart/report")) {
            return "IPM.Note";
        }
        return switch (structure.parameters().getOrDefault("report-type", "").toLowerCase(Locale.ROOT)) {
            case "delivery-status" ->
                status.contains("action: failed")
                        ? "REPORT.IPM.Note.NDR"
                        : status.contains("action: delayed")
                                ? "REPORT.IPM.Note.DELAYED"
                                : status.contains("action: delivered")
                                                || status.contains("action: relayed")
                                                || status.contains("action: expanded")
                                        ? "REPORT.IPM.Note.DR"
                                        : "REPORT.IPM.Note.NDR";
            case "disposition-notification" ->
                status.contains("deleted") ? "REPORT.IPM.Note.IPNNRN" : "REPORT.IPM.Note.IPNRN";
            default -> "IPM.Note";
        };
    }
}
