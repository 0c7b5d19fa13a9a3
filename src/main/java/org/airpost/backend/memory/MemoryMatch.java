package org.airpost.backend.memory;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import org.airpost.backend.MailQuery;
import org.airpost.backend.MailQuery.Where;

/** Whether a message is as a query has it. Texts are compared with the message as it is stored: nothing is decoded. */
record MemoryMatch(MemoryStore.Message message) {

    boolean is(MailQuery query) {
        return switch (query) {
            case MailQuery.All() -> true;
            case MailQuery.And(var parts) -> parts.stream().allMatch(this::is);
            case MailQuery.Or(var parts) -> parts.stream().anyMatch(this::is);
            case MailQuery.Not(var part) -> !is(part);
            case MailQuery.Text(var where, var text) -> holds(where, text.toLowerCase(Locale.ROOT));
            case MailQuery.Header(var name, var text) -> field(name).contains(text.toLowerCase(Locale.ROOT));
            case MailQuery.Since(var day) -> !day().isBefore(day);
            case MailQuery.Before(var day) -> day().isBefore(day);
            case MailQuery.Flagged(var flag, boolean isSet) ->
                message.flags().stream().anyMatch(flag::equalsIgnoreCase) == isSet;
            case MailQuery.Size(long bytes, boolean isLarger) ->
                isLarger ? message.bytes().length > bytes : message.bytes().length < bytes;
        };
    }

    private LocalDate day() {
        return message.internalDate().atZone(ZoneOffset.UTC).toLocalDate();
    }

    private boolean holds(Where where, String text) {
        return switch (where) {
            case ANYWHERE ->
                List.of(Where.FROM, Where.TO, Where.CC, Where.SUBJECT, Where.BODY).stream()
                        .anyMatch(part -> holds(part, text));
            case BODY -> {
                int start = (int) message.structure().bodyStart();
                yield new String(message.bytes(), start, message.bytes().length - start, UTF_8)
                        .toLowerCase(Locale.ROOT)
                        .contains(text);
            }
            case FROM, TO, CC, BCC, SUBJECT -> field(where.name()).contains(text);
        };
    }

    /** A header field in lower case; of one that is not there, nothing. */
    private String field(String name) {
        var header = new String(message.data().header(), UTF_8);
        var field = Pattern.compile(
                        "^" + Pattern.quote(name) + ":(.*(?:\r\n[ \t].*)*)",
                        Pattern.CASE_INSENSITIVE | Pattern.MULTILINE)
                .matcher(header);
        return field.find() ? field.group(1).toLowerCase(Locale.ROOT) : "\n";
    }
}
