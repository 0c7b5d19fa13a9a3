package org.airpost.command;

import java.io.ByteArrayInputStream;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.airpost.backend.Directory;
import org.airpost.backend.Directory.Found;
import org.airpost.backend.FreeBusy;
import org.airpost.backend.Person;
import org.airpost.eas.CommonStatus;
import org.airpost.eas.EasDate;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.ResolveRecipientsStatus;
import org.airpost.eas.StatusException;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.ResolveRecipients;

/**
 * Finds out whom a recipient means that was typed, with certificates, photos, and when they are busy as far as a calendar server
 * tells it. Source: MS-ASCMD "ResolveRecipients". At most 100 recipients a request (R5656).
 */
public final class ResolveRecipientsCommand implements Command {

    private static final int MOST_RECIPIENTS = 100;

    /** Longest text of a recipient. Source: MS-ASCMD, ResolveRecipients.xsd. */
    private static final int LONGEST_RECIPIENT = 256;

    /** Suggestions for an ambiguous recipient where the phone says nothing, and at most. */
    private static final int USUAL_SUGGESTIONS = 20;

    private static final int MOST_SUGGESTIONS = 100;

    /** Photos of one answer; enough for the largest one of each of 100 recipients. */
    private static final long MOST_PHOTO_BYTES = 10 << 20;

    /** Source: MS-ASCMD_R2266, R5430. */
    private static final Duration SHORTEST_SPAN = Duration.ofMinutes(30);

    private static final Duration LONGEST_SPAN = Duration.ofDays(42);

    /** A digit of MergedFreeBusy is for so long. Source: MS-ASCMD_R3319. */
    private static final Duration STEP = Duration.ofMinutes(30);

    /** Kept free of the time of a request when calendars are asked. */
    private static final Duration FOR_THE_ANSWER = Duration.ofSeconds(3);

    private final Directory directory;
    private final FreeBusy calendars;
    private final InstantSource clock;

    public ResolveRecipientsCommand(Directory directory, FreeBusy calendars, InstantSource clock) {
        this.directory = directory;
        this.calendars = calendars;
        this.clock = clock;
    }

    /** What is asked. */
    private static final class Asked {
        private final List<String> recipients = new ArrayList<>();
        private Retrieval retrieval = Retrieval.NONE;
        private long maxCertificates = 9999;
        private long maxSuggestions = USUAL_SUGGESTIONS;
        private Optional<Wanted> availability = Optional.empty();
        private Optional<SearchQuestion.Pictures> pictures = Optional.empty();
    }

    /** For which time it is asked when people are busy. */
    private record Wanted(Instant from, Instant until) {}

    /** Which form of certificates is asked for. Source: MS-ASCMD_R856 to R858. */
    private enum Retrieval {
        NONE,
        FULL,
        /** A form that nothing public describes. A whole one in its place would be against R843, so there is none. */
        MINI
    }

    /** How much may still be given. */
    private static final class Budget {
        private long left;

        private Budget(long left) {
            this.left = left;
        }

        private boolean take(int count) {
            if (count > left) {
                return false;
            }
            left -= count;
            return true;
        }
    }

    /** One who is told, without the photo in the person. */
    private record Shown(Person person, Optional<Photos.Given> photo) {}

    /** Whom a recipient means; nothing of those who are not told. */
    private record Resolved(
            String recipient, ResolveRecipientsStatus status, int count, boolean isOne, List<Shown> shown) {}

    @Override
    public Answer run(Request request) {
        var asked = read(request.document(), request.version());
        var all = new ArrayList<Resolved>();
        var photoBytes = new Budget(MOST_PHOTO_BYTES);
        for (var recipient : asked.recipients) {
            all.add(resolve(request, asked, recipient, photoBytes));
        }
        var times =
                asked.availability.map(wanted -> times(request, wanted, all)).orElse(Map.of());
        // A recipient gets all of their certificates or none. Source: MS-ASCMD_R3254.
        var budget = new Budget(asked.maxCertificates);
        return Answer.document(out -> {
            out.start(ResolveRecipients.RESOLVE_RECIPIENTS)
                    .text(ResolveRecipients.STATUS, ResolveRecipientsStatus.SUCCESS.code());
            all.forEach(one -> write(out, asked, one, times, budget));
            out.end();
        });
    }

    /** When those are busy who were found without doubt, by their addresses; only of those who were told of in time. */
    private Map<String, FreeBusy.Times> times(Request request, Wanted wanted, List<Resolved> all) {
        var addresses = all.stream()
                .filter(Resolved::isOne)
                .flatMap(resolved -> resolved.shown.stream())
                .map(shown -> shown.person.address())
                .distinct()
                .toList();
        var limit = Duration.between(clock.instant(), request.deadline()).minus(FOR_THE_ANSWER);
        return addresses.isEmpty() || !limit.isPositive()
                ? Map.of()
                : calendars.of(request.account(), addresses, wanted.from, wanted.until, limit);
    }

    private Found.Persons find(Request request, Asked asked, String recipient, boolean photos) {
        if (clock.instant().isAfter(request.deadline())) {
            throw new StatusException(ResolveRecipientsStatus.SERVER_ERROR, "out of time");
        }
        var query = new Directory.Query(recipient, MOST_SUGGESTIONS, photos, asked.retrieval != Retrieval.NONE);
        return switch (directory.find(request.account(), query)) {
            case Found.Persons persons -> persons;
            case Found.Unavailable(var words) -> throw new StatusException(ResolveRecipientsStatus.SERVER_ERROR, words);
            case Found.TimedOut(var words) -> throw new StatusException(ResolveRecipientsStatus.SERVER_ERROR, words);
        };
    }

    private Resolved resolve(Request request, Asked asked, String recipient, Budget photoBytes) {
        // The limit of photos is one for each recipient of the request. Source: MS-ASCMD_R3290.
        var photos = asked.pictures.map(bounds -> new Photos(bounds.maxSizeBytes(), bounds.maxPictures()));
        boolean room = photoBytes.left > 0
                && asked.pictures
                        .filter(bounds -> bounds.maxPictures().orElse(1L) > 0)
                        .isPresent();
        var found = find(request, asked, recipient, room);
        var persons = meant(recipient, found.persons());
        boolean isOne =
                persons.size() == 1 && (!found.more() || persons.getFirst().has(recipient));
        int shown = isOne ? 1 : (int) Math.min(persons.size(), asked.maxSuggestions);
        boolean inPart = shown < persons.size()
                || (found.more() && persons.size() == found.persons().size());
        var status = persons.isEmpty()
                ? ResolveRecipientsStatus.NOT_RESOLVED
                : isOne
                        ? ResolveRecipientsStatus.SUCCESS
                        : inPart ? ResolveRecipientsStatus.AMBIGUOUS_IN_PART : ResolveRecipientsStatus.AMBIGUOUS;
        var told = new ArrayList<Shown>();
        for (var person : persons.subList(0, shown)) {
            var photo = photos.map(all -> room ? next(all, person, photoBytes) : Photos.none());
            var kept = person.withoutPhoto();
            told.add(new Shown(isOne ? kept : kept.withoutCertificates(), photo));
        }
        return new Resolved(recipient, status, persons.size(), isOne, told);
    }

    private static Photos.Given next(Photos photos, Person person, Budget photoBytes) {
        var given = photos.next(person);
        if (given.photo().isEmpty() || photoBytes.take(given.photo().get().length)) {
            return given;
        }
        photoBytes.left = 0;
        return Photos.none();
    }

    private void write(
            WbxmlWriter out, Asked asked, Resolved resolved, Map<String, FreeBusy.Times> times, Budget budget) {
        out.start(ResolveRecipients.RESPONSE)
                .text(ResolveRecipients.TO, resolved.recipient)
                .text(ResolveRecipients.STATUS, resolved.status.code())
                .text(ResolveRecipients.RECIPIENT_COUNT, resolved.count);
        resolved.shown.forEach(one -> write(out, asked, one, resolved.isOne, times, budget));
        out.end();
    }

    /** Those found, or the one of them whose address or name was typed in full. */
    private static List<Person> meant(String recipient, List<Person> found) {
        var typed = recipient.strip();
        var byAddress = found.stream().filter(person -> person.has(typed)).toList();
        if (!byAddress.isEmpty()) {
            return byAddress;
        }
        var byName = found.stream()
                .filter(person -> person.displayName().equalsIgnoreCase(typed)
                        || person.get(Person.Field.ALIAS)
                                .filter(typed::equalsIgnoreCase)
                                .isPresent())
                .toList();
        return byName.size() == 1 ? byName : found;
    }

    private void write(
            WbxmlWriter out,
            Asked asked,
            Shown shown,
            boolean isOne,
            Map<String, FreeBusy.Times> times,
            Budget budget) {
        var person = shown.person;
        // A contact is 2, an entry of the directory 1. Source: MS-ASCMD_R4686.
        out.start(ResolveRecipients.RECIPIENT)
                .text(ResolveRecipients.TYPE, person.from() == Person.Source.DIRECTORY ? 1 : 2)
                .text(ResolveRecipients.DISPLAY_NAME, person.displayName())
                .text(ResolveRecipients.EMAIL_ADDRESS, person.address());
        if (isOne) {
            asked.availability.ifPresent(
                    wanted -> writeTimes(out, wanted, Optional.ofNullable(times.get(person.address()))));
        }
        if (isOne && asked.retrieval != Retrieval.NONE) {
            writeCertificates(out, asked.retrieval, valid(person.certificates()), budget);
        }
        shown.photo.ifPresent(given -> {
            out.start(ResolveRecipients.PICTURE)
                    .text(ResolveRecipients.STATUS, given.status().code());
            given.photo().ifPresent(bytes -> out.opaque(ResolveRecipients.DATA, bytes));
            out.end();
        });
        out.end();
    }

    /** Who was not told of in time, or by a server that failed, may be another time (162). */
    private static void writeTimes(WbxmlWriter out, Wanted wanted, Optional<FreeBusy.Times> times) {
        out.start(ResolveRecipients.AVAILABILITY);
        switch (times.orElse(new FreeBusy.Times.Failed("out of time"))) {
            case FreeBusy.Times.Known known ->
                out.text(ResolveRecipients.STATUS, ResolveRecipientsStatus.SUCCESS.code())
                        .text(ResolveRecipients.MERGED_FREE_BUSY, merged(known, wanted.from, wanted.until));
            case FreeBusy.Times.Unknown _ ->
                out.text(ResolveRecipients.STATUS, CommonStatus.AVAILABILITY_FAILURE.code());
            case FreeBusy.Times.Failed _ ->
                out.text(ResolveRecipients.STATUS, CommonStatus.AVAILABILITY_TRANSIENT_FAILURE.code());
        }
        out.end();
    }

    /**
     * A digit for each half hour from the start on, the last one for what is left: 0 free, 1 tentative, 2 busy, 3 away, 4 not
     * known. Of several the greatest counts. Source: MS-ASCMD_R3319 to R3336.
     */
    static String merged(FreeBusy.Times.Known known, Instant from, Instant until) {
        long steps = Math.ceilDiv(Duration.between(from, until).toNanos(), STEP.toNanos());
        var digits = new char[(int) steps];
        Arrays.fill(digits, '0');
        for (var span : known.spans()) {
            char digit = switch (span.kind()) {
                case TENTATIVE -> '1';
                case BUSY -> '2';
                case UNAVAILABLE -> '3';
            };
            int first = step(from, span.from().isBefore(from) ? from : span.from(), digits.length);
            for (int i = first;
                    i < digits.length && from.plus(STEP.multipliedBy(i)).isBefore(span.until());
                    i++) {
                digits[i] = digits[i] < digit ? digit : digits[i];
            }
        }
        for (int i = 0; i < digits.length; i++) {
            var begin = from.plus(STEP.multipliedBy(i));
            var end = begin.plus(STEP).isBefore(until) ? begin.plus(STEP) : until;
            boolean isBefore =
                    known.from().filter(first -> !first.isBefore(end)).isPresent();
            boolean isAfter = known.until().filter(last -> !last.isAfter(begin)).isPresent();
            if (isBefore || isAfter) {
                digits[i] = '4';
            }
        }
        return new String(digits);
    }

    private static int step(Instant from, Instant moment, int most) {
        return (int) Math.min(most, Duration.between(from, moment).dividedBy(STEP));
    }

    private static void writeCertificates(
            WbxmlWriter out, Retrieval retrieval, List<Person.Certificate> certificates, Budget budget) {
        var status = certificates.isEmpty() || retrieval == Retrieval.MINI
                ? ResolveRecipientsStatus.NO_CERTIFICATE
                : budget.take(certificates.size())
                        ? ResolveRecipientsStatus.SUCCESS
                        : ResolveRecipientsStatus.CERTIFICATE_LIMIT;
        out.start(ResolveRecipients.CERTIFICATES)
                .text(ResolveRecipients.STATUS, status.code())
                .text(ResolveRecipients.CERTIFICATE_COUNT, certificates.size());
        if (status == ResolveRecipientsStatus.SUCCESS) {
            certificates.forEach(one ->
                    out.text(ResolveRecipients.CERTIFICATE, Base64.getEncoder().encodeToString(one.der())));
        }
        out.end();
    }

    /** Those that mail can be encrypted with now. Source: RFC 8550 §4.4.2 for the key usage. */
    private List<Person.Certificate> valid(List<Person.Certificate> certificates) {
        return certificates.stream().filter(one -> isValid(one.der())).toList();
    }

    private boolean isValid(byte[] der) {
        try {
            var certificate = (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
            certificate.checkValidity(Date.from(clock.instant()));
            var usage = certificate.getKeyUsage();
            return usage == null || usage[2] || usage[4]; // keyEncipherment, keyAgreement
        } catch (CertificateException e) {
            return false; // none that can be used, whatever is wrong with it
        }
    }

    // The request

    private static Asked read(WbxmlReader in, ProtocolVersion version) {
        var asked = new Asked();
        in.root(ResolveRecipients.RESOLVE_RECIPIENTS);
        while (in.child()) {
            switch (in.tag()) {
                case ResolveRecipients.TO -> asked.recipients.add(in.text());
                case ResolveRecipients.OPTIONS -> readOptions(in, asked, version);
                default -> in.skip();
            }
        }
        if (asked.recipients.isEmpty() || asked.recipients.size() > MOST_RECIPIENTS) {
            throw refused("%d recipients".formatted(asked.recipients.size()));
        }
        if (asked.recipients.stream().anyMatch(one -> one.isBlank() || one.length() > LONGEST_RECIPIENT)) {
            throw refused("a recipient without text, or with too much of it");
        }
        return asked;
    }

    private static StatusException refused(String why) {
        return new StatusException(ResolveRecipientsStatus.PROTOCOL_ERROR, why);
    }

    private static void readOptions(WbxmlReader in, Asked asked, ProtocolVersion version) {
        while (in.child()) {
            switch (in.tag()) {
                case ResolveRecipients.CERTIFICATE_RETRIEVAL ->
                    asked.retrieval = switch ((int) bounded(in, 1, 3)) {
                        case 1 -> Retrieval.NONE;
                        case 2 -> Retrieval.FULL;
                        default -> Retrieval.MINI;
                    };
                case ResolveRecipients.MAX_CERTIFICATES -> asked.maxCertificates = bounded(in, 0, 9999);
                case ResolveRecipients.MAX_AMBIGUOUS_RECIPIENTS -> asked.maxSuggestions = bounded(in, 0, 9999);
                case ResolveRecipients.AVAILABILITY -> {
                    if (version.atLeast(ProtocolVersion.V14_0)) {
                        asked.availability = Optional.of(readAvailability(in));
                    } else {
                        in.skip();
                    }
                }
                case ResolveRecipients.PICTURE -> {
                    if (version.atLeast(ProtocolVersion.V14_1)) {
                        asked.pictures = Optional.of(readPicture(in));
                    } else {
                        in.skip();
                    }
                }
                default -> in.skip();
            }
        }
    }

    private static long bounded(WbxmlReader in, long least, long greatest) {
        var text = in.text().strip();
        if (text.matches("[0-9]{1,9}")) {
            long number = Long.parseLong(text);
            if (number >= least && number <= greatest) {
                return number;
            }
        }
        throw refused("a number that is not from %d to %d".formatted(least, greatest));
    }

    private static SearchQuestion.Pictures readPicture(WbxmlReader in) {
        Optional<Long> maxSize = Optional.empty();
        Optional<Long> maxPictures = Optional.empty();
        while (in.child()) {
            switch (in.tag()) {
                case ResolveRecipients.MAX_SIZE -> maxSize = Optional.of(bounded(in, 0, 999_999_999));
                case ResolveRecipients.MAX_PICTURES -> maxPictures = Optional.of(bounded(in, 0, 999_999_999));
                default -> in.skip();
            }
        }
        return new SearchQuestion.Pictures(maxSize, maxPictures);
    }

    /** Reads the span and refuses one that is none. Source: MS-ASCMD_R2264 to R2266, R5430. */
    private static Wanted readAvailability(WbxmlReader in) {
        Optional<Instant> start = Optional.empty();
        Optional<Instant> end = Optional.empty();
        boolean hasEnd = false;
        while (in.child()) {
            switch (in.tag()) {
                case ResolveRecipients.START_TIME -> start = EasDate.parse(in.text());
                case ResolveRecipients.END_TIME -> {
                    hasEnd = true;
                    end = EasDate.parse(in.text());
                }
                default -> in.skip();
            }
        }
        if (start.isEmpty() || (hasEnd && end.isEmpty())) {
            throw refused("a time of the availability is missing or none");
        }
        var begin = start.get();
        var span = end.map(until -> Duration.between(begin, until)).orElse(Duration.ofDays(7));
        if (span.compareTo(SHORTEST_SPAN) < 0 || span.compareTo(LONGEST_SPAN) > 0) {
            throw refused("a span of the availability of " + span);
        }
        return new Wanted(begin, begin.plus(span));
    }
}
