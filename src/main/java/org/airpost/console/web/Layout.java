package org.airpost.console.web;

import static j2html.TagCreator.a;
import static j2html.TagCreator.body;
import static j2html.TagCreator.div;
import static j2html.TagCreator.document;
import static j2html.TagCreator.each;
import static j2html.TagCreator.h1;
import static j2html.TagCreator.head;
import static j2html.TagCreator.header;
import static j2html.TagCreator.html;
import static j2html.TagCreator.iff;
import static j2html.TagCreator.li;
import static j2html.TagCreator.link;
import static j2html.TagCreator.main;
import static j2html.TagCreator.meta;
import static j2html.TagCreator.nav;
import static j2html.TagCreator.p;
import static j2html.TagCreator.script;
import static j2html.TagCreator.span;
import static j2html.TagCreator.title;
import static j2html.TagCreator.ul;

import j2html.tags.DomContent;
import java.util.List;
import java.util.Optional;
import org.airpost.http.WebReply;

/** The frame of all pages of a site: a way past the menu, the menu, a message of the last action, the content. */
public final class Layout {

    private final String site;

    /** @param site its name, at the head of each page */
    public Layout(String site) {
        this.site = site;
    }

    /** An entry of the menu; the current one is that of the page, or the one with the page's title. */
    public record Item(String text, String path, boolean isCurrent) {

        public Item(String text, String path) {
            this(text, path, false);
        }
    }

    /**
     * Who looks at a page.
     *
     * @param said what the last action has to say
     * @param menu where they may go
     * @param signOut where the form that signs out is sent to
     */
    public record Viewer(String name, String csrf, Optional<String> said, List<Item> menu, String signOut) {

        public Viewer {
            menu = List.copyOf(menu);
        }
    }

    public WebReply page(String title, Viewer viewer, DomContent... content) {
        return page(200, title, viewer, content);
    }

    /** A page for somebody who has signed in; the menu's entry with the page's title is marked. */
    public WebReply page(int status, String title, Viewer viewer, DomContent... content) {
        return frame(
                status,
                title,
                header(
                        span(site).withClass("site"),
                        nav(ul(each(viewer.menu(), item -> li(entry(item, title)))))
                                .attr("aria-label", "Menu"),
                        Forms.post(
                                        viewer.csrf(),
                                        viewer.signOut(),
                                        span(viewer.name()).withClass("name"),
                                        Forms.button("Sign out").withClass("plain"))
                                .withClass("who")),
                viewer.said(),
                content);
    }

    private static DomContent entry(Item item, String title) {
        var entry = a(item.text()).withHref(item.path());
        return item.isCurrent() || item.text().equals(title) ? entry.attr("aria-current", "page") : entry;
    }

    /** A page for anybody. */
    public WebReply open(int status, String title, DomContent... content) {
        return frame(
                status,
                title,
                header(span(site).withClass("site")),
                Optional.empty(),
                div(content).withClass("narrow"));
    }

    private WebReply frame(int status, String title, DomContent header, Optional<String> said, DomContent... content) {
        var page = html(
                        head(
                                meta().withCharset("utf-8"),
                                title(title + " – " + site),
                                meta().withName("viewport").withContent("width=device-width, initial-scale=1"),
                                meta().withName("color-scheme").withContent("light dark"),
                                link().withRel("icon").withHref(Assets.ICON),
                                link().withRel("stylesheet").withHref(Assets.STYLE),
                                script().withSrc(Assets.SCRIPT).attr("defer")),
                        body(
                                a("To the content").withHref("#content").withClass("skip"),
                                header,
                                main(
                                                h1(title),
                                                iff(
                                                        said,
                                                        text -> p(text).withClass("note")
                                                                .attr("role", "status")),
                                                each(content))
                                        .withId("content")))
                .withLang("en");
        return WebReply.html(status, document(page));
    }
}
