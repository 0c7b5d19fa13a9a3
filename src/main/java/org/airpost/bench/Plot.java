package org.airpost.bench;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** A drawing of how times are spread: for each time the share of tries that took no longer. As SVG text. */
final class Plot {

    private static final int WIDTH = 720;
    private static final int HEIGHT = 360;
    private static final int LEFT = 60;
    private static final int TOP = 40;
    private static final int RIGHT = 20;
    private static final int BOTTOM = 50;
    private static final List<String> COLOURS =
            List.of("#1f6fb4", "#d9622b", "#3a923a", "#8454b0", "#8c564b", "#777777");

    private final String title;
    private final double mostMillis;
    private final Map<String, Durations> lines = new LinkedHashMap<>();

    Plot(String title, double mostMillis) {
        this.title = title;
        this.mostMillis = mostMillis;
    }

    void add(String name, Durations times) {
        lines.put(name, times);
    }

    void write(Path file) throws IOException {
        var svg = new StringBuilder("""
                <svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" font-family="sans-serif" font-size="13">
                <rect width="100%%" height="100%%" fill="white"/>
                <text x="%d" y="22" font-size="15">%s</text>
                """.formatted(WIDTH, HEIGHT, LEFT, title));
        for (int share = 0; share <= 100; share += 25) {
            double y = y(share / 100.0);
            svg.append(line(LEFT, y, WIDTH - RIGHT, y)).append(text(LEFT - 8, y + 4, "end", share + " %"));
        }
        for (int step = 0; step <= 5; step++) {
            double millis = mostMillis * step / 5;
            svg.append(line(x(millis), TOP, x(millis), HEIGHT - BOTTOM))
                    .append(text(x(millis), HEIGHT - BOTTOM + 18, "middle", "%.0f ms".formatted(millis)));
        }
        int n = 0;
        for (var one : lines.entrySet()) {
            var colour = COLOURS.get(n % COLOURS.size());
            svg.append("<polyline fill=\"none\" stroke-width=\"2\" stroke=\"%s\" points=\"".formatted(colour));
            var sorted = one.getValue().sortedMillis();
            for (int i = 0; i < sorted.size(); i++) {
                svg.append(String.format(
                        Locale.ROOT, "%.1f,%.1f ", x(sorted.get(i)), y((i + 1) / (double) sorted.size())));
            }
            svg.append("\"/>\n<text x=\"%d\" y=\"%d\" fill=\"%s\">%s</text>%n"
                    .formatted(LEFT + 12, TOP + 18 + 18 * n, colour, one.getKey()));
            n++;
        }
        Files.writeString(file, svg.append("</svg>\n"), UTF_8);
    }

    private double x(double millis) {
        return LEFT + Math.min(millis, mostMillis) / mostMillis * (WIDTH - LEFT - RIGHT);
    }

    private static double y(double share) {
        return HEIGHT - BOTTOM - share * (HEIGHT - TOP - BOTTOM);
    }

    private static String line(double x1, double y1, double x2, double y2) {
        return String.format(
                Locale.ROOT,
                "<line x1=\"%.1f\" y1=\"%.1f\" x2=\"%.1f\" y2=\"%.1f\" stroke=\"#dddddd\"/>%n",
                x1,
                y1,
                x2,
                y2);
    }

    private static String text(double x, double y, String anchor, String text) {
        return String.format(
                Locale.ROOT, "<text x=\"%.1f\" y=\"%.1f\" text-anchor=\"%s\">%s</text>%n", x, y, anchor, text);
    }
}
