package org.airpost.console;

import static j2html.TagCreator.div;
import static j2html.TagCreator.each;
import static j2html.TagCreator.p;
import static j2html.TagCreator.table;
import static j2html.TagCreator.tbody;
import static j2html.TagCreator.td;
import static j2html.TagCreator.text;
import static j2html.TagCreator.th;
import static j2html.TagCreator.thead;
import static j2html.TagCreator.tr;

import j2html.tags.DomContent;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;

/** A table of things; on a narrow window each row becomes a block. */
final class Listing<T> {

    private final String caption;
    private final List<T> rows;
    private final List<Column<T>> columns = new ArrayList<>();

    private record Column<T>(DomContent head, String name, String style, Function<T, DomContent> cell) {}

    private Listing(String caption, List<T> rows) {
        this.caption = caption;
        this.rows = rows;
    }

    /** @param caption what it lists, for those who cannot see it */
    static <T> Listing<T> of(String caption, List<T> rows) {
        return new Listing<>(caption, rows);
    }

    /** A column of texts. */
    Listing<T> texts(String name, Function<T, String> cell) {
        return column(name, "", row -> text(cell.apply(row)));
    }

    /** A column of times, or of what else must not break. */
    Listing<T> times(String name, Function<T, String> cell) {
        return column(name, "when", row -> text(cell.apply(row)));
    }

    Listing<T> numbers(String name, Function<T, String> cell) {
        return column(name, "num", row -> text(cell.apply(row)));
    }

    Listing<T> column(String name, String style, Function<T, DomContent> cell) {
        return column(text(name), name, style, cell);
    }

    /** A column with a head of its own, such as a link that sorts. */
    Listing<T> column(DomContent head, String name, String style, Function<T, DomContent> cell) {
        columns.add(new Column<>(head, name, style, cell));
        return this;
    }

    /** The table, or a sentence if there is nothing in it. */
    DomContent orElse(String nothing) {
        if (rows.isEmpty()) {
            return p(nothing).withClass("faint");
        }
        return div(table(
                                thead(tr(each(
                                        columns,
                                        column -> th(column.head())
                                                .attr("scope", "col")
                                                .withClass(column.style())))),
                                tbody(each(rows, this::row)))
                        .withClasses("list", "stacks")
                        .attr("aria-label", caption))
                .withClass("wide");
    }

    private DomContent row(T row) {
        return tr(each(
                columns,
                column -> td(column.cell().apply(row)).withClass(column.style()).attr("data-name", column.name())));
    }
}
