package org.airpost.backend.imap;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.airpost.backend.Credentials;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailBackend.SignIn;
import org.airpost.backend.MessageSource;
import org.airpost.backend.Outcome;
import org.airpost.backend.Security;
import org.airpost.convert.MailConverter;
import org.airpost.convert.MessageStarts;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
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

    private static final BodyOptions ASKED = new BodyOptions(
            List.of(
                    new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(4_096L), false, 100),
                    new BodyPreference(BodyType.HTML, Optional.of(4_096L), false, 100)),
            Optional.empty(),
            0,
            Optional.empty());

    /** What a server gives of a message's start is what it gives of the parts that lie in it. */
    @Test
    void itemsOfStrangeMailsAreTheSameWithAndWithoutTheStartOfTheMessage() throws IOException {
        var user = newUser();
        var mail = open(user);
        var uids = new ArrayList<Long>();
        int read = 0;
        for (var name : List.of("mails", "corpus")) {
            try (var files =
                    Files.list(Path.of("src/test/resources/org/airpost/convert").resolve(name))) {
                for (var file : files.filter(one -> one.toString().endsWith(".eml"))
                        .sorted()
                        .toList()) {
                    if (read++ % EVERY > 0) {
                        continue;
                    }
                    var source = new String(Files.readAllBytes(file), ISO_8859_1).replaceAll("\r?\n", "\r\n");
                    var outcome = mail.append("INBOX", MessageSource.of(source.getBytes(ISO_8859_1)), Set.of(), DAY);
                    if (outcome instanceof Outcome.Done<Long>(var uid)) {
                        uids.add(uid);
                    }
                }
            }
        }
        assertThat(uids).hasSizeGreaterThan(120);
        var with = items(mail, uids);
        var without = items(withoutStart(mail), uids);
        for (int i = 0; i < uids.size(); i++) {
            assertThat(with.get(i)).as("message %d", uids.get(i)).isEqualTo(without.get(i));
        }
        mail.close();
    }

    /** Also of parts that go on behind the start, of which no delimiter says that they were found. */
    @Test
    void whatIsTakenOfTheStartOfAMessageIsWhatTheServerGives() {
        var mail = open(newUser());
        var uids = new ArrayList<Long>();
        for (var source : MessageStarts.mails()) {
            if (mail.append("INBOX", MessageSource.of(source), Set.of(), DAY) instanceof Outcome.Done<Long>(var uid)) {
                uids.add(uid);
            }
        }
        assertThat(uids).hasSizeGreaterThan(200);
        long validity = view(mail, "INBOX").uidValidity();
        int taken = MessageStarts.areWhatTheServerGives(mail, validity, uids, 20, 100, 700, 2_000, 3_000, 16 << 10);
        assertThat(taken).isGreaterThan(1_000);
        mail.close();
    }

    private static List<String> items(MailAccount mail, List<Long> uids) {
        long validity = view(mail, "INBOX").uidValidity();
        var place = new MailConverter.Place("anna", mail, "INBOX", validity, "5");
        var items = new ArrayList<String>();
        for (int from = 0; from < uids.size(); from += 32) {
            var batch = uids.subList(from, Math.min(uids.size(), from + 32));
            for (var item : new MailConverter(MailConverter.Settings.DEFAULT)
                    .items(place, batch, ASKED, ProtocolVersion.V16_1)) {
                var bytes = new ByteArrayOutputStream();
                try (var out = new WbxmlWriter(bytes)) {
                    out.start(AirSync.APPLICATION_DATA);
                    item.write(out, Set.of());
                    out.end();
                }
                items.add(bytes.toString(ISO_8859_1));
            }
        }
        assertThat(items).hasSameSizeAs(uids);
        return items;
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
