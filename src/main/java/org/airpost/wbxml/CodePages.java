package org.airpost.wbxml;

import java.util.List;
import java.util.Optional;
import org.airpost.wbxml.page.AirNotify;
import org.airpost.wbxml.page.AirSync;
import org.airpost.wbxml.page.AirSyncBase;
import org.airpost.wbxml.page.Calendar;
import org.airpost.wbxml.page.ComposeMail;
import org.airpost.wbxml.page.Contacts;
import org.airpost.wbxml.page.Contacts2;
import org.airpost.wbxml.page.DocumentLibrary;
import org.airpost.wbxml.page.Email;
import org.airpost.wbxml.page.Email2;
import org.airpost.wbxml.page.Find;
import org.airpost.wbxml.page.FolderHierarchy;
import org.airpost.wbxml.page.Gal;
import org.airpost.wbxml.page.GetItemEstimate;
import org.airpost.wbxml.page.ItemOperations;
import org.airpost.wbxml.page.MeetingResponse;
import org.airpost.wbxml.page.Move;
import org.airpost.wbxml.page.Notes;
import org.airpost.wbxml.page.Ping;
import org.airpost.wbxml.page.Provision;
import org.airpost.wbxml.page.ResolveRecipients;
import org.airpost.wbxml.page.RightsManagement;
import org.airpost.wbxml.page.Search;
import org.airpost.wbxml.page.Settings;
import org.airpost.wbxml.page.Tasks;
import org.airpost.wbxml.page.ValidateCert;

/** Every code page and tag by number and by name. Source: MS-ASWBXML "Code Pages". */
public final class CodePages {

    private static final List<List<? extends Tag>> PAGES = List.of(
            List.of(AirSync.values()),
            List.of(Contacts.values()),
            List.of(Email.values()),
            List.of(AirNotify.values()),
            List.of(Calendar.values()),
            List.of(Move.values()),
            List.of(GetItemEstimate.values()),
            List.of(FolderHierarchy.values()),
            List.of(MeetingResponse.values()),
            List.of(Tasks.values()),
            List.of(ResolveRecipients.values()),
            List.of(ValidateCert.values()),
            List.of(Contacts2.values()),
            List.of(Ping.values()),
            List.of(Provision.values()),
            List.of(Search.values()),
            List.of(Gal.values()),
            List.of(AirSyncBase.values()),
            List.of(Settings.values()),
            List.of(DocumentLibrary.values()),
            List.of(ItemOperations.values()),
            List.of(ComposeMail.values()),
            List.of(Email2.values()),
            List.of(Notes.values()),
            List.of(RightsManagement.values()),
            List.of(Find.values()));

    private static final int FIRST_TOKEN = 0x05;
    private static final int TOKENS = 0x40;
    private static final Tag[][] BY_TOKEN = byToken();

    private CodePages() {}

    /** All tags of all pages, in the order of their numbers. */
    public static List<Tag> all() {
        return PAGES.stream().<Tag>flatMap(List::stream).toList();
    }

    /** The tag of a token (0x05 to 0x3F) on a page (0 to 255); a tag that no page lists comes as {@link Tag.Unknown}. */
    public static Tag tag(int page, int token) {
        if (page < BY_TOKEN.length && token >= FIRST_TOKEN && token < TOKENS) {
            var known = BY_TOKEN[page][token];
            if (known != null) {
                return known;
            }
        }
        return new Tag.Unknown(page, token);
    }

    /** The tag of a name within a namespace, both in the specification's capitals. */
    public static Optional<Tag> tag(String namespace, String tagName) {
        return PAGES.stream()
                .filter(page -> page.getFirst().namespace().equals(namespace))
                .<Tag>flatMap(List::stream)
                .filter(tag -> tag.tagName().equals(tagName))
                .findFirst();
    }

    private static Tag[][] byToken() {
        var table = new Tag[PAGES.size()][TOKENS];
        for (var page : PAGES) {
            for (var tag : page) {
                table[tag.page()][tag.token()] = tag;
            }
        }
        return table;
    }
}
