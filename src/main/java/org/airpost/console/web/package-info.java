/**
 * What the console, the self-service pages and the JSON API share: the frame of a page, forms with their token, sessions,
 * limits for guesses, QR codes, and the few files that pages load. HTML is made with j2html, which escapes texts and attributes. Start
 * reading at {@link org.airpost.console.web.Layout} and {@link org.airpost.console.web.Sessions}.
 */
@NullMarked
package org.airpost.console.web;

import org.jspecify.annotations.NullMarked;
