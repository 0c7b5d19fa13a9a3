package org.airpost.console;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Section;
import org.airpost.backend.Submission;
import org.airpost.backend.memory.MemoryMail;
import org.airpost.backend.memory.MemorySubmission;

/** A mail server in memory that cannot read some messages of it, and that takes no mail for a while. */
final class TroubledMail implements MailBackend, Submission {

    private final MemoryMail mail;
    private final MemorySubmission submission;
    private final Set<Long> unreadable = ConcurrentHashMap.newKeySet();
    private volatile boolean isFull;

    TroubledMail(MemoryMail mail) {
        this.mail = mail;
        this.submission = new MemorySubmission(mail);
    }

    /** Whether the text of messages with this UID can be read. */
    void readable(long uid, boolean isReadable) {
        if (isReadable) {
            unreadable.remove(uid);
        } else {
            unreadable.add(uid);
        }
    }

    /** Whether mails are put off. */
    void full(boolean now) {
        isFull = now;
    }

    /** What was taken. */
    List<MemorySubmission.Sent> sent() {
        return submission.sent();
    }

    @Override
    public SignIn signIn(Credentials credentials) {
        return switch (mail.signIn(credentials)) {
            case SignIn.Accepted(var account) -> new SignIn.Accepted(troubled(account));
            case SignIn.Refused refused -> refused;
        };
    }

    private MailAccount troubled(MailAccount account) {
        return (MailAccount) Proxy.newProxyInstance(
                MailAccount.class.getClassLoader(), new Class<?>[] {MailAccount.class}, (_, method, arguments) -> {
                    try {
                        var answer = method.invoke(account, arguments);
                        return method.getName().equals("read") && answer instanceof Map<?, ?> read
                                ? withoutUnreadable(read)
                                : answer;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private Map<?, ?> withoutUnreadable(Map<?, ?> read) {
        var left = new HashMap<Object, Object>(read);
        left.keySet().removeIf(key -> key instanceof Section section && unreadable.contains(section.uid()));
        return left;
    }

    @Override
    public Submitted submit(Credentials credentials, String from, List<String> recipients, MessageSource message) {
        return isFull
                ? new Submitted.Deferred("452 4.3.1 no room for a mail to <bob@example.org>")
                : submission.submit(credentials, from, recipients, message);
    }
}
