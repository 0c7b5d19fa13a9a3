package org.airpost.convert;

/** The same words as plain text and as HTML, for what is no mail. */
public final class TextForms {

    private TextForms() {}

    /** Plain text of HTML; lines end with CRLF. */
    public static String textOf(String html) {
        return HtmlText.of(html).stripTrailing();
    }

    /** A document that shows plain text. */
    public static String htmlOf(String text) {
        return Html.document(PlainText.of(text).html());
    }
}
