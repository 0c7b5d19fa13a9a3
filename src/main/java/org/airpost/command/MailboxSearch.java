package org.airpost.command;

import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.airpost.backend.Account;
import org.airpost.backend.BackendUnavailableException;
import org.airpost.backend.MailAccount;
import org.airpost.backend.MailQuery;
import org.airpost.backend.UidSet;
import org.airpost.convert.MailConverter;
import org.airpost.eas.BodyOptions;
import org.airpost.eas.BodyPreference;
import org.airpost.eas.BodyType;
import org.airpost.eas.FindStatus;
import org.airpost.eas.ProtocolVersion;
import org.airpost.eas.SearchStatus;
import org.airpost.eas.StatusException;
import org.airpost.sync.Folder;
import org.airpost.sync.Folders;
import org.airpost.sync.Ledgers;
import org.airpost.sync.ServerId;
import org.airpost.wbxml.WbxmlWriter;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.Search;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Searches a user's mail, newest first, in all folders or some. The results are kept for a while, so that who asks for the
 * next ones gets them out of the same list. What was not searched when the time was up is left out: then the log says so, and
 * who would be told that there is nothing is told that the time was up. Source: MS-ASCMD "Search", "Find"; sync-rules SF-03 to
 * SF-13.
 */
public final class MailboxSearch implements SearchStore {

    private static final Logger LOG = LoggerFactory.getLogger(MailboxSearch.class);

    /** For the search itself; what was found is read after that, and within ten seconds all is done. */
    private static final Duration LIMIT = Duration.ofSeconds(8);

    /** Results that Search and Find give of one question at most. Source: MS-ASCMD_R3733, R37071812. */
    private static final int MOST_SEARCHED = 100;

    private static final int MOST_FOUND = 1_000;

    /** Results converted at a time, between looks at the bytes of an answer. */
    private static final int BATCH = 32;

    /** Bytes of the bodies in one answer, about. What is left over comes with the next range. */
    private static final long MOST_BYTES = 8 << 20;

    private static final int PREVIEW = 255;

    /** Results kept for all devices together; a list of them counts for some more, since an empty one takes room, too. */
    private static final long MOST_KEPT = 400_000;

    private static final int WEIGHT_OF_LIST = 16;

    private final Folders folders;
    private final Ledgers ledgers;
    private final ConversationFinder conversations;
    private final MailConverter converter;
    private final InstantSource clock;
    private final Cache<String, Hits> kept = Caffeine.newBuilder()
            .maximumWeight(MOST_KEPT)
            .weigher((String _, Hits hits) -> WEIGHT_OF_LIST + hits.hits().size())
            .expireAfterAccess(Duration.ofMinutes(10))
            .build();

    public MailboxSearch(
            Folders folders,
            Ledgers ledgers,
            ConversationFinder conversations,
            MailConverter converter,
            InstantSource clock) {
        this.folders = folders;
        this.ledgers = ledgers;
        this.conversations = conversations;
        this.converter = converter;
        this.clock = clock;
    }

    /** A message that was found. */
    private record Hit(Folder folder, long uidValidity, long uid, Instant received) {}

    /**
     * What a question found.
     *
     * @param hits newest first; what has gone since is taken out
     * @param gone how many were taken out
     * @param total all that were found, in the list or not
     * @param partial true if not all was searched
     */
    private record Hits(List<Hit> hits, int gone, long total, boolean partial) {

        Hits without(Set<Hit> missing) {
            return missing.isEmpty()
                    ? this
                    : new Hits(
                            hits.stream().filter(hit -> !missing.contains(hit)).toList(),
                            gone + missing.size(),
                            total - missing.size(),
                            partial);
        }
    }

    @Override
    public Found search(SearchQuestion question) {
        var range = question.rangeOrDefault();
        int most = question.by() == SearchQuestion.By.FIND ? MOST_FOUND : MOST_SEARCHED;
        if (range.first() >= most) {
            throw new StatusException(
                    question.by() == SearchQuestion.By.FIND ? FindStatus.INVALID_REQUEST : SearchStatus.END_OF_RANGE,
                    "results from %d on".formatted(range.first()));
        }
        if (question.by() == SearchQuestion.By.FIND && !asksForMail(question)) {
            throw new StatusException(FindStatus.INVALID_REQUEST, "another class than Email (R901100613)");
        }
        var key = key(question);
        var known = Optional.ofNullable(kept.getIfPresent(key));
        if (question.by() == SearchQuestion.By.FIND && range.first() > 0 && known.isEmpty()) {
            throw new StatusException(FindStatus.START_WITH_RANGE_ZERO, "no results of this SearchId");
        }
        // From the first result on all is searched anew: nobody asks twice without wanting to know what is new.
        var hits = range.first() > 0 && !question.rebuildResults() && known.isPresent()
                ? known.get()
                : find(question, most);
        var page = new Page(question, hits);
        page.fill(range.first(), Math.min(range.last(), most - 1));
        kept.put(key, page.hits);
        var status = range.last() >= most && question.by() == SearchQuestion.By.SEARCH
                ? SearchStatus.END_OF_RANGE // a warning, and what there is all the same (R3736, R4361)
                : SearchStatus.SUCCESS;
        if (page.hits.partial() && page.results.isEmpty()) {
            throw new StatusException(SearchStatus.TIMED_OUT, "not all was searched");
        }
        return new Found(status, page.results, page.hits.total());
    }

    /** Names the list of results of a device and a question, in the same few bytes however long the question is. */
    static String key(SearchQuestion question) {
        var criteria = question.criteria();
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java platform has SHA-256", e);
        }
        Stream.of(
                        List.of(question.by().name(), question.searchId(), question.text()),
                        criteria.anyOf(),
                        criteria.classes(),
                        criteria.collectionIds(),
                        List.of(
                                criteria.conversationId().map(Arrays::toString).orElse(""),
                                criteria.after().toString(),
                                criteria.before().toString(),
                                Boolean.toString(question.deepTraversal())))
                .forEach(texts -> {
                    // With their numbers, so that no two questions look alike.
                    update(digest, Integer.toString(texts.size()));
                    texts.forEach(text -> update(digest, text));
                });
        return question.request().device().path() + "/" + HexFormat.of().formatHex(digest.digest());
    }

    private static void update(MessageDigest digest, String text) {
        var bytes = text.getBytes(UTF_8);
        digest.update((bytes.length + ":").getBytes(UTF_8));
        digest.update(bytes);
    }

    // Searching

    private Hits find(SearchQuestion question, int most) {
        var request = question.request();
        var account = request.account();
        var places = places(question);
        var query = query(question); // even if nothing is searched: what is too long is too long
        if (places.isEmpty() || !asksForMail(question)) {
            return new Hits(List.of(), 0, 0, false);
        }
        var byMailbox = new LinkedHashMap<String, Folder>();
        places.forEach(folder -> byMailbox.put(folder.mailbox(), folder));
        var begun = clock.instant();
        Map<Folder, MailAccount.Matches> matching = new LinkedHashMap<>();
        Set<String> unread = new HashSet<>();
        if (question.criteria().conversationId().isPresent()) {
            if (!request.version().atLeast(ProtocolVersion.V14_0)) {
                throw new StatusException(SearchStatus.TOO_COMPLEX, "a ConversationId (R6364)");
            }
            var id = question.criteria().conversationId().get();
            var found = conversations.find(account, id, query, places, mailFolders(account), limit(request));
            matching.putAll(found.found());
            unread.addAll(found.unfinished());
        } else {
            var searched = account.mail().search(List.copyOf(byMailbox.keySet()), query, limit(request));
            byMailbox.forEach(
                    (mailbox, folder) -> Optional.ofNullable(searched.found().get(mailbox))
                            .ifPresent(matches -> matching.put(folder, matches)));
            unread.addAll(searched.unfinished());
        }
        var hits = new ArrayList<Hit>();
        long total = 0;
        for (var found : matching.entrySet()) {
            var folder = found.getKey();
            try {
                var some = hits(request, folder, found.getValue(), question.criteria(), most);
                hits.addAll(some);
                total += Math.max(
                        some.size(),
                        some.size() < most ? 0 : found.getValue().uids().size());
            } catch (BackendUnavailableException e) {
                unread.add(folder.mailbox()); // gone or renumbered in this moment; the others are there
            }
        }
        hits.sort(Comparator.comparing(Hit::received).reversed().thenComparing(Hit::uid, Comparator.reverseOrder()));
        LOG.debug(
                "search id={} folders={} total={} unfinished={} ms={}",
                request.id(),
                places.size(),
                total,
                unread.size(),
                Duration.between(begun, clock.instant()).toMillis());
        if (!unread.isEmpty()) {
            LOG.info(
                    "search in part id={} user={} folders={} unfinished={}",
                    request.id(),
                    account.user(),
                    places.size(),
                    unread.size());
        }
        return new Hits(List.copyOf(hits.subList(0, Math.min(most, hits.size()))), 0, total, !unread.isEmpty());
    }

    private Duration limit(Request request) {
        var left = Duration.between(clock.instant(), request.deadline()).minusSeconds(4);
        return left.compareTo(LIMIT) < 0 ? (left.isNegative() ? Duration.ZERO : left) : LIMIT;
    }

    /** The newest of one folder, with their dates; bounds are days to the server, and moments here. */
    private static List<Hit> hits(
            Request request, Folder folder, MailAccount.Matches matches, SearchQuestion.Criteria criteria, int most) {
        var newest = UidSet.of(matches.uids().newest(most));
        var received = request.account().mail().received(folder.mailbox(), matches.uidValidity(), newest);
        return received.entrySet().stream()
                .filter(one -> request.admits(one.getValue()))
                .filter(one -> criteria.after().map(one.getValue()::isAfter).orElse(true)
                        && criteria.before().map(one.getValue()::isBefore).orElse(true))
                .map(one -> new Hit(folder, matches.uidValidity(), one.getKey(), one.getValue()))
                .toList();
    }

    /** False if only items are asked for that are no mail: of those we have none to search. */
    private static boolean asksForMail(SearchQuestion question) {
        var classes = question.criteria().classes();
        return classes.isEmpty() || classes.stream().anyMatch("Email"::equalsIgnoreCase);
    }

    private MailQuery query(SearchQuestion question) {
        var today = LocalDate.ofInstant(clock.instant(), ZoneOffset.UTC);
        var criteria = question.criteria();
        var parts = new ArrayList<MailQuery>();
        add(parts, Kql.parse(question.text(), today));
        if (!criteria.anyOf().isEmpty()) {
            add(
                    parts,
                    new MailQuery.Or(criteria.anyOf().stream()
                            .map(text -> Kql.parse(text, today))
                            .toList()));
        }
        // A day more on either side, since the server's days are those of its own time zone.
        criteria.after()
                .map(after -> LocalDate.ofInstant(after, ZoneOffset.UTC).minusDays(1))
                .ifPresent(day -> parts.add(new MailQuery.Since(day)));
        question.request()
                .limits()
                .age()
                .reach()
                .map(reach -> today.minusDays(reach.toDays() + 3))
                .ifPresent(day -> parts.add(new MailQuery.Since(day)));
        criteria.before()
                .map(before -> LocalDate.ofInstant(before, ZoneOffset.UTC).plusDays(2))
                .ifPresent(day -> parts.add(new MailQuery.Before(day)));
        var query =
                parts.isEmpty() ? new MailQuery.All() : parts.size() == 1 ? parts.getFirst() : new MailQuery.And(parts);
        Kql.checkWords(query);
        return query;
    }

    private static void add(List<MailQuery> parts, MailQuery query) {
        if (!(query instanceof MailQuery.All)) {
            parts.add(query);
        }
    }

    /** The folders to search, those first that people mostly look for. */
    private List<Folder> places(SearchQuestion question) {
        var all = mailFolders(question.request().account());
        // "0" is what Outlook calls everything (CLIENTS §1.4).
        var ids = question.criteria().collectionIds().stream()
                .filter(id -> !id.equals("0"))
                .collect(Collectors.toSet());
        if (ids.isEmpty()) {
            return all;
        }
        var known = folders.known(question.request().account());
        if (!known.stream().map(Folder::id).collect(Collectors.toSet()).containsAll(ids)) {
            throw new StatusException(SearchStatus.FOLDER_SYNC_REQUIRED, "a folder that is not there");
        }
        var wanted = new HashSet<>(ids);
        if (question.deepTraversal()) {
            // Parents come before their children.
            known.stream()
                    .filter(folder -> wanted.contains(folder.parentId()))
                    .forEach(folder -> wanted.add(folder.id()));
        }
        return all.stream().filter(folder -> wanted.contains(folder.id())).toList();
    }

    private List<Folder> mailFolders(Account account) {
        return folders.known(account).stream()
                .filter(Folder::holdsMail)
                .sorted(Comparator.comparingInt(MailboxSearch::order))
                .toList();
    }

    private static int order(Folder folder) {
        return switch (folder.type()) {
            case INBOX -> 0;
            case SENT_ITEMS -> 1;
            case DRAFTS -> 3;
            case DELETED_ITEMS -> 4;
            default -> 2;
        };
    }

    // Results

    /** Those of a range, read from the server. */
    private final class Page {
        private final SearchQuestion question;
        private final List<Result> results = new ArrayList<>();
        private Hits hits;
        private long bytes = MOST_BYTES;

        Page(SearchQuestion question, Hits hits) {
            this.question = question;
            this.hits = hits;
        }

        /** Reads what lies in the range; what is gone makes room for the next one. */
        void fill(int first, int last) {
            int at = first;
            while (at <= last && at < hits.hits().size() && (bytes > 0 || results.isEmpty())) {
                var batch = hits.hits()
                        .subList(
                                at,
                                Math.min(
                                        Math.min(at + BATCH, last + 1),
                                        hits.hits().size()));
                var items = read(batch);
                var missing =
                        batch.stream().filter(hit -> !items.containsKey(hit)).collect(Collectors.toSet());
                for (var hit : batch) {
                    var item = items.get(hit);
                    if (item == null || (bytes <= 0 && !results.isEmpty())) {
                        continue;
                    }
                    bytes -= item.approximateBytes();
                    results.add(result(hit, item));
                }
                at += batch.size() - missing.size();
                hits = hits.without(missing);
            }
        }

        private Map<Hit, MailConverter.Item> read(List<Hit> batch) {
            var items = new HashMap<Hit, MailConverter.Item>();
            batch.stream()
                    .collect(Collectors.groupingBy(hit -> hit.folder().id()))
                    .values()
                    .forEach(some -> {
                        var byUid = some.stream().collect(Collectors.toMap(Hit::uid, hit -> hit));
                        items(some).forEach(item -> {
                            var hit = byUid.get(item.uid());
                            if (hit != null) {
                                items.put(hit, item);
                            }
                        });
                    });
            return items;
        }

        /** The folder may have been renamed since it was searched, or be gone with all that was found in it. */
        private List<MailConverter.Item> items(List<Hit> ofOneFolder) {
            var account = question.request().account();
            var hit = ofOneFolder.getFirst();
            var folder = folders.find(account, hit.folder().id());
            if (folder.isEmpty()) {
                return List.of();
            }
            try {
                return items(ofOneFolder, folder.get());
            } catch (BackendUnavailableException e) {
                if (folders.isAsItWas(account, folder.get(), hit.uidValidity())) {
                    throw e;
                }
                return List.of();
            }
        }

        private List<MailConverter.Item> items(List<Hit> ofOneFolder, Folder folder) {
            var account = question.request().account();
            var place = new MailConverter.Place(
                    account.user(),
                    account.mail(),
                    folder.mailbox(),
                    ofOneFolder.getFirst().uidValidity(),
                    folder.id());
            var options = question.by() == SearchQuestion.By.FIND
                    ? FOUND
                    : question.bodies().options();
            return converter
                    .within(question.request().limits())
                    .items(
                            place,
                            ofOneFolder.stream().map(Hit::uid).toList(),
                            options,
                            question.request().version());
        }

        private Result result(Hit hit, MailConverter.Item item) {
            var flags = Drafts.flags(hit.folder(), item.flags());
            return new Result() {

                @Override
                public void writeAddress(WbxmlWriter out) {
                    out.text(AirSync.CLASS, "Email");
                    if (question.by() == SearchQuestion.By.FIND) {
                        long number = ledgers.numberOf(
                                question.request().device(), hit.folder().id(), hit.uid());
                        out.text(AirSync.SERVER_ID, new ServerId(hit.folder().id(), number).toString());
                    } else {
                        out.text(
                                Search.LONG_ID, new LongId(hit.folder().id(), hit.uid(), hit.uidValidity()).toString());
                    }
                    out.text(AirSync.COLLECTION_ID, hit.folder().id());
                }

                @Override
                public void writeProperties(WbxmlWriter out) {
                    if (question.by() == SearchQuestion.By.FIND) {
                        item.writeFound(out, flags);
                    } else {
                        item.write(out, flags);
                    }
                }
            };
        }
    }

    private static final BodyOptions FOUND = new BodyOptions(
            List.of(new BodyPreference(BodyType.PLAIN_TEXT, Optional.of(0L), false, PREVIEW)),
            Optional.empty(),
            0,
            Optional.empty());
}
