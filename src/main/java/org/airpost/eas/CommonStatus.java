package org.airpost.eas;

/** Statuses that any command may give, from 14.0 on. Source: MS-ASCMD "Common Status Codes". */
public enum CommonStatus implements Status {
    SUCCESS(1, "done"),
    INVALID_CONTENT(101, "the body is invalid"),
    INVALID_WBXML(102, "the WBXML is invalid"),
    INVALID_XML(103, "the document does not fit the command's schema"),
    INVALID_DATE_TIME(104, "a date or time is invalid"),
    INVALID_COMBINATION_OF_IDS(105, "the ids do not go together"),
    INVALID_IDS(106, "an id is invalid"),
    INVALID_MIME(107, "the MIME cannot be read"),
    DEVICE_ID_MISSING_OR_INVALID(108, "the device id is missing or invalid"),
    DEVICE_TYPE_MISSING_OR_INVALID(109, "the device type is missing or invalid"),
    SERVER_ERROR(110, "the server failed, do not retry"),
    SERVER_ERROR_RETRY_LATER(111, "the server failed, retry later"),
    ACTIVE_DIRECTORY_ACCESS_DENIED(112, "access to the directory is denied"),
    MAILBOX_QUOTA_EXCEEDED(113, "the mailbox is full"),
    MAILBOX_SERVER_OFFLINE(114, "the mail server is offline"),
    SEND_QUOTA_EXCEEDED(115, "the quota for sending is used up"),
    MESSAGE_RECIPIENT_UNRESOLVED(116, "a recipient is not known"),
    MESSAGE_REPLY_NOT_ALLOWED(117, "a reply to this message is not allowed"),
    MESSAGE_PREVIOUSLY_SENT(118, "the message was sent before"),
    MESSAGE_HAS_NO_RECIPIENT(119, "the message has no recipient"),
    MAIL_SUBMISSION_FAILED(120, "the message was refused"),
    MESSAGE_REPLY_FAILED(121, "the reply could not be made"),
    ATTACHMENT_IS_TOO_LARGE(122, "the message or an attachment is too large"),
    USER_HAS_NO_MAILBOX(123, "the user has no mailbox"),
    USER_CANNOT_BE_ANONYMOUS(124, "the user must sign in"),
    USER_PRINCIPAL_COULD_NOT_BE_FOUND(125, "the user is not known"),
    USER_DISABLED_FOR_SYNC(126, "the user may not sync"),
    USER_ON_NEW_MAILBOX_CANNOT_SYNC(127, "the mailbox has moved"),
    USER_ON_LEGACY_MAILBOX_CANNOT_SYNC(128, "the mailbox is on an old server"),
    DEVICE_IS_BLOCKED_FOR_THIS_USER(129, "the device is blocked"),
    ACCESS_DENIED(130, "access is denied"),
    ACCOUNT_DISABLED(131, "the account is disabled"),
    SYNC_STATE_NOT_FOUND(132, "the sync state is lost"),
    SYNC_STATE_LOCKED(133, "the sync state is locked"),
    SYNC_STATE_CORRUPT(134, "the sync state is damaged"),
    SYNC_STATE_ALREADY_EXISTS(135, "the sync state exists already"),
    SYNC_STATE_VERSION_INVALID(136, "the sync state is of another version"),
    COMMAND_NOT_SUPPORTED(137, "the command is not supported"),
    VERSION_NOT_SUPPORTED(138, "the command is not part of this protocol version"),
    DEVICE_NOT_FULLY_PROVISIONABLE(139, "the device cannot apply the whole policy"),
    REMOTE_WIPE_REQUESTED(140, "the device is to be wiped"),
    LEGACY_DEVICE_ON_STRICT_POLICY(141, "the device cannot be provisioned and must be"),
    DEVICE_NOT_PROVISIONED(142, "the device has no policy yet"),
    POLICY_REFRESH(143, "the policy has changed"),
    INVALID_POLICY_KEY(144, "the policy key is wrong"),
    EXTERNALLY_MANAGED_DEVICES_NOT_ALLOWED(145, "devices managed elsewhere are not allowed"),
    NO_RECURRENCE_IN_CALENDAR(146, "the item does not recur"),
    UNEXPECTED_ITEM_CLASS(147, "the item is of another class"),
    REMOTE_SERVER_HAS_NO_SSL(148, "the other server has no TLS"),
    INVALID_STORED_REQUEST(149, "the remembered request cannot be repeated"),
    ITEM_NOT_FOUND(150, "the item is not there"),
    TOO_MANY_FOLDERS(151, "there are too many folders"),
    NO_FOLDERS_FOUND(152, "there are no folders"),
    ITEMS_LOST_AFTER_MOVE(153, "items were lost in a move"),
    FAILURE_IN_MOVE_OPERATION(154, "the move failed"),
    MOVE_COMMAND_DISALLOWED_FOR_NON_PERSISTENT_MOVE_ACTION(155, "MoveAlways is missing"),
    MOVE_COMMAND_INVALID_DESTINATION_FOLDER(156, "the target folder is invalid"),
    AVAILABILITY_TOO_MANY_RECIPIENTS(160, "too many recipients"),
    AVAILABILITY_DL_LIMIT_REACHED(161, "a list has too many members"),
    AVAILABILITY_TRANSIENT_FAILURE(162, "the availability is not known now"),
    AVAILABILITY_FAILURE(163, "the availability is not known"),
    BODY_PART_PREFERENCE_TYPE_NOT_SUPPORTED(164, "a body part of this type is not supported"),
    DEVICE_INFORMATION_REQUIRED(165, "DeviceInformation is missing"),
    INVALID_ACCOUNT_ID(166, "the account is not known"),
    ACCOUNT_SEND_DISABLED(167, "the account may not send"),
    IRM_FEATURE_DISABLED(168, "rights management is not available"),
    IRM_TRANSIENT_ERROR(169, "rights management failed for now"),
    IRM_PERMANENT_ERROR(170, "rights management failed"),
    IRM_INVALID_TEMPLATE_ID(171, "the rights template is not known"),
    IRM_OPERATION_NOT_PERMITTED(172, "the rights template forbids this"),
    NO_PICTURE(173, "there is no picture"),
    PICTURE_TOO_LARGE(174, "the picture is too large"),
    PICTURE_LIMIT_REACHED(175, "the limit of pictures is reached"),
    BODY_PART_CONVERSATION_TOO_LARGE(176, "the body part is too large"),
    MAXIMUM_DEVICES_REACHED(177, "the user has too many devices"),
    INVALID_DRAFT_RECIPIENTS(183, "the draft has no recipient, or one that is not an address");

    private final int code;
    private final String meaning;

    CommonStatus(int code, String meaning) {
        this.code = code;
        this.meaning = meaning;
    }

    @Override
    public int code() {
        return code;
    }

    @Override
    public String meaning() {
        return meaning;
    }
}
