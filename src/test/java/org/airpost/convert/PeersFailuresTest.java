package org.airpost.convert;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.regex.Pattern;
import org.airpost.eas.BodyType;
import org.airpost.eas.ProtocolVersion;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What users of other gateways complain about in the content of mail, one test each. Source: CLIENTS.md section 2. */
class PeersFailuresTest {

    private static final Pattern REFERENCE = Pattern.compile("FileReference = (\\S+)");

    /** Row 3: one broken MIME makes an endless loop, a busy processor, a folder that stands still. */
    @Test
    void oneBadMessageStopsNoneOfTheOthers() {
        var mail = new FakeMail();
        var uids = new java.util.ArrayList<Long>();
        long uid = 1;
        for (var row : Corpus.rows()) {
            if (row.name().startsWith("mix-")
                    || row.name().startsWith("cte-")
                    || row.name().startsWith("header-")) {
                mail.add(uid, Corpus.mail(row.name()));
                uids.add(uid++);
                mail.add(uid, GoldenMailsTest.bytes("From: ada@example.org\nSubject: fine\n\nThis one is fine.\n"));
                uids.add(uid++);
            }
        }
        var items = new MailConverter(MailConverter.Settings.DEFAULT)
                .items(mail.place(), uids, Corpus.wanting(BodyType.PLAIN_TEXT, BodyType.HTML), ProtocolVersion.V16_1);
        assertThat(items).extracting(MailConverter.Item::uid).isEqualTo(uids).hasSizeGreaterThan(150);
        for (int i = 1; i < items.size(); i += 2) {
            assertThat(ItemDump.of(ItemDump.wbxml(items.get(i)))).contains("This one is fine.");
        }
    }

    /** Row 12: attachments are missing on iOS, or come damaged, or all of the mail is fetched for one of them. */
    @ParameterizedTest
    @CsvSource({
        "struct-gmail-attachment, %PDF-1.4",
        "struct-apple-text-between-images, \u0089PNG",
        "struct-apple-html-between-pdf, %PDF-1.4",
        "struct-thunderbird, \u0089PNG",
        "struct-ios-photo-only, \u0089PNG",
        "struct-scanner-no-text, %PDF-1.4",
        "struct-fax-tiff, II*",
        "alt-attachment-inside, %PDF-1.4",
        "rel-pdf-inside, \u0089PNG",
        "rel-not-referred, \u0089PNG",
        "att-octet-jpg, \u0089PNG",
        "att-cid-pdf, %PDF-1.4",
        "att-uuencoded-part, abc",
        "att-appledouble, %PDF-1.4",
        "tnef-file, The report.",
        "text-uuencode-inline, Hello Charles"
    })
    void anAttachmentIsThereAndWholeAndAloneIsFetched(String name, String start) throws IOException {
        var mail = FakeMail.with(GoldenMailsTest.crlf(Corpus.mail(name)));
        var dump = ItemDump.of(
                ItemDump.wbxml(Corpus.item(mail.place(), Corpus.wanting(BodyType.PLAIN_TEXT, BodyType.HTML))));
        var reference = REFERENCE.matcher(dump);
        assertThat(reference.find()).as(dump).isTrue();
        mail.sectionsRead.clear();
        var attachment = new MailConverter(MailConverter.Settings.DEFAULT)
                .attachment(
                        mail.place(), FileReference.parse(reference.group(1)).orElseThrow())
                .orElseThrow();
        var bytes = new ByteArrayOutputStream();
        attachment.write(bytes, 0, Long.MAX_VALUE);
        assertThat(bytes.toString(StandardCharsets.ISO_8859_1)).startsWith(start);
        assertThat(mail.sectionsRead)
                .isNotEmpty()
                .noneMatch(section -> section.section().isEmpty());
    }

    /** Row 22: windows-1252, charsets declared wrongly, raw 8-bit in the header. */
    @ParameterizedTest
    @CsvSource({
        "de-latin1-smart-quotes, „Grüße“ – 5 € … ‚so‘",
        "de-ascii-is-1252, Größe: 5 m² – schön",
        "de-utf8-as-latin1, Viele Grüße aus München",
        "de-latin1-as-utf8, Viele Grüße aus München",
        "cs-1250-as-8859-2, Žižkov",
        "ru-1251-as-latin1, Высылаю отчёт за ноябрь",
        "ru-1251-undeclared, Высылаю отчёт за ноябрь",
        "ru-utf8-cut-in-middle, Жду ваших замечаний",
        "utf8-body-latin1-signature, Geschäftsführer: Jörg Groß",
        "utf8-body-latin1-signature, Schöne Grüße",
        "list-footer-other-charset, Liste für Ärzte und Übersetzer",
        "ru-raw-1251-header, Subject = Ваш заказ принят и будет доставлен",
        "ko-raw-header, Subject = 안내 말씀 드립니다",
        "subj-latin1-raw, Subject = Prüfung für Ärzte und Bäcker",
        "subj-utf8-raw, Subject = Prüfung für Ärzte – 日本",
        "ja-iso2022jp-is-sjis, ご注文を承りました",
        "utf16-declared-is-utf8, Your order has been shipped"
    })
    void textIsReadWhateverIsDeclared(String name, String words) {
        assertThat(Corpus.shown(Corpus.mail(name))).contains(words);
    }

    /** German has umlauts one by one; statistics took it for Russian. */
    @Test
    void languagesInLatinLettersAreNotTakenForOthers() {
        for (var text : List.of(
                "Grüße aus Köln, schöne Wörter überall, für Jürgen",
                "Voilà l'été, où déjà à Noël le garçon fête",
                "Año nuevo, mañana, corazón, también, ¿qué?",
                "São João não irá à praça, coração")) {
            assertThat(TextDecoder.decode(text.getBytes(StandardCharsets.ISO_8859_1), ""))
                    .isEqualTo(text);
        }
    }
}
