package org.airpost.console.web;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.zxing.BarcodeFormat;
import com.google.zxing.BinaryBitmap;
import com.google.zxing.RGBLuminanceSource;
import com.google.zxing.common.HybridBinarizer;
import com.google.zxing.qrcode.QRCodeReader;
import java.util.Arrays;
import java.util.regex.Pattern;
import org.jsoup.Jsoup;
import org.junit.jupiter.api.Test;

/** The picture is read by another program than the one that drew it. */
class QrPictureTest {

    private static final Pattern MODULE = Pattern.compile("M(\\d+),(\\d+)h1v1h-1z");
    private static final int SCALE = 4;

    @Test
    void aReaderReadsWhatWasDrawn() throws Exception {
        var text = "https://mail.example.org:8443/me/take/AbCdEfGhIjKlMnOpQrStUv";
        var svg = Jsoup.parse(QrPicture.of(text, "a \"label\"").render()).select("svg");
        int size = Integer.parseInt(svg.attr("viewBox").split(" ", -1)[2]) * SCALE;
        var pixels = new int[size * size];
        Arrays.fill(pixels, 0xFFFFFF);
        var modules = MODULE.matcher(svg.select("path").attr("d"));
        while (modules.find()) {
            int left = Integer.parseInt(modules.group(1)) * SCALE;
            int top = Integer.parseInt(modules.group(2)) * SCALE;
            for (int y = top; y < top + SCALE; y++) {
                Arrays.fill(pixels, y * size + left, y * size + left + SCALE, 0);
            }
        }
        var picture = new BinaryBitmap(new HybridBinarizer(new RGBLuminanceSource(size, size, pixels)));
        var read = new QRCodeReader().decode(picture);
        assertThat(read.getBarcodeFormat()).isEqualTo(BarcodeFormat.QR_CODE);
        assertThat(read.getText()).isEqualTo(text);
        assertThat(svg.attr("aria-label")).isEqualTo("a \"label\"");
    }
}
