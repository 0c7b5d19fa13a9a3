package org.airpost.console.web;

import static j2html.TagCreator.tag;

import io.nayuki.qrcodegen.QrCode;
import j2html.tags.DomContent;

/** A text as a QR code, to be read from the screen by a phone. Source: ISO/IEC 18004. */
public final class QrPicture {

    /** What a reader wants around it, in modules. */
    private static final int MARGIN = 4;

    private QrPicture() {}

    /** Black on white, also on a dark page: not every reader takes it the other way round. */
    public static DomContent of(String text, String label) {
        var code = QrCode.encodeText(text, QrCode.Ecc.MEDIUM);
        int size = code.size + 2 * MARGIN;
        var path = new StringBuilder();
        for (int y = 0; y < code.size; y++) {
            for (int x = 0; x < code.size; x++) {
                if (code.getModule(x, y)) {
                    path.append("M%d,%dh1v1h-1z".formatted(x + MARGIN, y + MARGIN));
                }
            }
        }
        return tag("svg")
                .attr("xmlns", "http://www.w3.org/2000/svg")
                .attr("viewBox", "0 0 %d %d".formatted(size, size))
                .attr("width", "240")
                .attr("height", "240")
                .attr("role", "img")
                .attr("aria-label", label)
                .withClass("qr")
                .with(
                        tag("rect").attr("width", size).attr("height", size).attr("fill", "#fff"),
                        tag("path").attr("d", path.toString()).attr("fill", "#000"));
    }
}
