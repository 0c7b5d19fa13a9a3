package org.airpost.cli;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.IOException;
import java.io.PrintWriter;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.TimeUnit;
import org.airpost.backend.Tls;
import org.airpost.backend.Trust;
import org.airpost.eas.BodyType;
import org.airpost.eas.FolderType;
import org.airpost.eas.ProtocolVersion;
import org.airpost.phone.Body;
import org.airpost.phone.Folder;
import org.airpost.phone.Item;
import org.airpost.phone.Phone;
import org.airpost.phone.PhoneException;
import org.airpost.phone.PingResult;
import org.airpost.phone.SyncRequest;

/** What the built-in phone shows: sign in, folders, mails, and a new mail that is pushed to it. */
final class DemoShow {

    private static final int MAILS_SHOWN = 12;
    private static final Duration HEARTBEAT = Duration.ofSeconds(60);
    private static final String SUBJECT = "Lunch at one? 🍜";

    private final PrintWriter out;
    private final URI gateway;
    private final Optional<Path> authority;
    private final int smtpPort;

    DemoShow(PrintWriter out, URI gateway, Optional<Path> authority, int smtpPort) {
        this.out = out;
        this.gateway = gateway;
        this.authority = authority;
        this.smtpPort = smtpPort;
    }

    /** Runs it and prints a verdict; true if everything went well. */
    boolean run() throws InterruptedException {
        var tls = new Tls(authority.<Trust>map(Trust.Authorities::new).orElseGet(Trust.Any::new)).context();
        try (var phone = new Phone(
                gateway,
                DemoMailServer.ALICE,
                DemoMailServer.PASSWORD,
                ProtocolVersion.V16_1,
                "A1B0057DE30DE30DE30DE30DE30DE300",
                "AirpostPhone",
                tls)) {
            out.println(" The built-in phone:");
            signIn(phone);
            var inbox = folders(phone);
            mails(phone, inbox);
            content(phone, inbox);
            push(phone, inbox);
            var violations = phone.violations();
            violations.forEach(violation -> out.println(" ✗ the gateway breaks " + violation));
            verdict(violations.isEmpty(), "all steps went well", "the gateway breaks rules, see above");
            return violations.isEmpty();
        } catch (Failure | PhoneException | IOException e) {
            verdict(false, "", String.valueOf(e.getMessage()));
            return false;
        }
    }

    private void signIn(Phone phone) {
        var offer = phone.options();
        step("OPTIONS: speaks " + String.join(", ", offer.versions()));
        var provision = phone.provision();
        require(
                provision.succeeded(),
                "Provision: status %d, policy %d".formatted(provision.status(), provision.policyStatus()));
        step("Provision: policy accepted");
    }

    private Folder folders(Phone phone) {
        var changes = phone.folderSync();
        require(changes.succeeded(), "FolderSync: status %d".formatted(changes.status()));
        var names = phone.hierarchy().folders().stream().map(Folder::name).toList();
        step("FolderSync: " + String.join(", ", names));
        return phone.hierarchy().ofType(FolderType.INBOX).orElseThrow(() -> new Failure("FolderSync: no Inbox"));
    }

    private void mails(Phone phone, Folder inbox) {
        long start = System.nanoTime();
        sync(phone, inbox);
        var items = phone.replica(inbox.id()).all();
        require(!items.isEmpty(), "Sync: the Inbox is empty");
        long attachments = items.stream().mapToLong(i -> i.attachments().size()).sum();
        step("Sync: %d mails with %d attachments in %d ms".formatted(items.size(), attachments, millisSince(start)));
        items.stream()
                .sorted(Comparator.comparing(DemoShow::date).reversed())
                .limit(MAILS_SHOWN)
                .forEach(item -> out.printf("     %s %s%n", item.read() ? " " : "•", subject(item)));
        out.flush();
    }

    /** A text and an attachment, to the last byte that matters. */
    private void content(Phone phone, Folder inbox) {
        var replica = phone.replica(inbox.id());
        var welcome = replica.bySubject("Welcome to Airpost").orElseThrow(() -> new Failure("Sync: a mail is missing"));
        var text = welcome.body().map(Body::text).orElse("");
        require(text.contains("ActiveSync"), "Sync: a mail came without its text");
        var attachment = replica.all().stream()
                .flatMap(item -> item.attachments().stream())
                .filter(a -> a.displayName().endsWith(".pdf"))
                .findFirst()
                .orElseThrow(() -> new Failure("Sync: no attachment is announced"));
        var fetched = phone.itemOperationsFetch(attachment.fileReference(), Optional.empty(), true);
        require(fetched.succeeded(), "ItemOperations: status %d".formatted(fetched.status()));
        var bytes = fetched.data().orElse(new byte[0]);
        require(
                new String(bytes, ISO_8859_1).startsWith("%PDF-"),
                "ItemOperations: %s is no PDF, %d bytes".formatted(attachment.displayName(), bytes.length));
        step("ItemOperations: attachment \"%s\", %d bytes".formatted(attachment.displayName(), bytes.length));
    }

    private void push(Phone phone, Folder inbox) throws InterruptedException, IOException {
        record Answered(PingResult result, long at) {}
        BlockingQueue<Object> answer = new ArrayBlockingQueue<>(1);
        Thread.ofVirtual().name("demo-ping").start(() -> {
            try {
                var result = phone.ping(List.of(inbox.id()), HEARTBEAT);
                answer.add(new Answered(result, System.nanoTime()));
            } catch (PhoneException e) {
                answer.add(e);
            }
        });
        step("Ping: waiting, for %d s at most".formatted(HEARTBEAT.toSeconds()));
        // A moment, so that it is push that is seen, and not a mail that was there before the Ping.
        var early = answer.poll(1, TimeUnit.SECONDS);
        require(early == null, "Ping: answered before anything happened: %s".formatted(early));
        long accepted = SmtpDelivery.deliver(
                DemoMailServer.HOST,
                smtpPort,
                DemoMailServer.BOB,
                DemoMailServer.ALICE,
                PlainMail.of(
                        "Bob <" + DemoMailServer.BOB + ">",
                        List.of(DemoMailServer.ALICE),
                        SUBJECT,
                        "The new ramen place next to the station?\n\nBob",
                        "push-" + System.nanoTime()));
        switch (answer.poll(HEARTBEAT.toSeconds() + 10, TimeUnit.SECONDS)) {
            case Answered answered
            when answered.result().changes() ->
                step("push: a new mail was announced %d ms after the mail server accepted it"
                        .formatted(TimeUnit.NANOSECONDS.toMillis(Math.max(0, answered.at() - accepted))));
            case Answered answered ->
                throw new Failure("Ping: status %d, although a mail came"
                        .formatted(answered.result().status()));
            case PhoneException e -> throw e;
            case null, default -> throw new Failure("Ping: no answer, although a mail came");
        }
        sync(phone, inbox);
        var item = phone.replica(inbox.id())
                .bySubject(SUBJECT)
                .orElseThrow(() -> new Failure("Sync: the new mail is not there"));
        step("Sync: \"%s\" from %s".formatted(item.subject(), item.from()));
    }

    private static void sync(Phone phone, Folder folder) {
        var answer =
                phone.syncAll(folder.id(), SyncRequest.PLAIN.withWindowSize(25).withBody(BodyType.HTML, 32_768));
        require(answer.succeeded(), "Sync: status %d".formatted(answer.status()));
    }

    private static String subject(Item item) {
        return item.subject().isEmpty() ? "(no subject)" : item.subject();
    }

    private static String date(Item item) {
        return item.dateReceived().map(Object::toString).orElse("");
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    private void step(String what) {
        out.println(" ✓ " + what);
        out.flush();
    }

    private void verdict(boolean well, String good, String bad) {
        out.printf("%n Airpost demo: %s%n", well ? "OK, " + good : "FAILED, " + bad);
        out.flush();
    }

    private static void require(boolean holds, String problem) {
        if (!holds) {
            throw new Failure(problem);
        }
    }
}
