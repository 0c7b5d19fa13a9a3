package org.airpost.backend.imap;

import static org.assertj.core.api.Assertions.assertThat;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Security;
import org.airpost.convert.MessageStarts;
import org.junit.jupiter.api.Test;

/** The contract over an IMAP server. */
abstract class ImapContract extends MailAccountContract {

    private static final AtomicInteger USERS = new AtomicInteger();

    abstract int port();

    abstract void addUser(String user, String password);

    @Override
    protected String newUser() {
        String user = "user" + USERS.incrementAndGet();
        addUser(user, "pw-" + user);
        return user;
    }

    ImapSettings settings() {
        return ImapSettings.of("127.0.0.1", port(), Security.PLAIN)
                .withTimeouts(Duration.ofSeconds(5), Duration.ofSeconds(10), Duration.ofSeconds(30))
                .withWatch(Duration.ofMillis(100), Duration.ofSeconds(2));
    }

    @Override
    protected MailAccount open(String user) {
        var signIn = new ImapBackend(settings(), Clock.systemUTC()).signIn(new Credentials(user, "pw-" + user));
        return ((SignIn.Accepted) signIn).account();
    }

    /** One mail in so many of the corpus: some servers take a minute for all. */
    private static final int EVERY = 3;

    /** What a server gives of a message's start is what it gives of the parts that lie in it. */
    @Test
    void itemsOfStrangeMailsAreTheSameWithAndWithoutTheStartOfTheMessage() {
        var mail = open(newUser());
        var corpus = MessageStarts.corpus();
        var uids = appended(
                mail,
                IntStream.range(0, corpus.size())
                        .filter(n -> n % EVERY == 0)
                        .mapToObj(corpus::get)
                        .toList());
        assertThat(uids).hasSizeGreaterThan(120);
        long validity = view(mail, "INBOX").uidValidity();
        var with = MessageStarts.items(mail, validity, uids);
        var without = MessageStarts.items(withoutStart(mail), validity, uids);
        assertThat(with).hasSameSizeAs(uids);
        assertThat(without).hasSameSizeAs(uids);
        for (int i = 0; i < uids.size(); i++) {
            assertThat(with.get(i)).as("message %d", uids.get(i)).isEqualTo(without.get(i));
        }
        mail.close();
    }

    /** Also of parts that go on behind the start, of which no delimiter says that they were found. */
    @Test
    void whatIsTakenOfTheStartOfAMessageIsWhatTheServerGives() {
        var mail = open(newUser());
        var uids = appended(mail, MessageStarts.mails());
        assertThat(uids).hasSizeGreaterThan(200);
        long validity = view(mail, "INBOX").uidValidity();
        int taken = MessageStarts.areWhatTheServerGives(mail, validity, uids, 20, 100, 700, 2_000, 3_000, 16 << 10);
        assertThat(taken).isGreaterThan(1_000);
        mail.close();
    }

    /** Those that the server takes. */
    private static List<Long> appended(MailAccount mail, List<byte[]> messages) {
        var uids = new ArrayList<Long>();
        for (var message : messages) {
            if (mail.append("INBOX", MessageSource.of(message), Set.of(), DAY) instanceof Outcome.Done<Long>(var uid)) {
                uids.add(uid);
            }
        }
        return uids;
    }

    /** The same account, of which nobody gets the start of a message. */
    private static MailAccount withoutStart(MailAccount mail) {
        return (MailAccount) Proxy.newProxyInstance(
                MailAccount.class.getClassLoader(), new Class<?>[] {MailAccount.class}, (_, method, arguments) -> {
                    if (method.getName().equals("describe") && arguments.length == 4) {
                        return mail.describe((String) arguments[0], (long) arguments[1], uids(arguments[2]));
                    }
                    try {
                        return method.invoke(mail, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    @SuppressWarnings("unchecked") // as MailAccount has it
    private static List<Long> uids(Object argument) {
        return (List<Long>) argument;
    }
}
