/**
 * The 26 code pages of MS-ASWBXML, one enum a page, one constant a tag. What belongs here is the specification's tables and
 * nothing else. A tag marked as of old versions is read and never written. The tables are checked against
 * {@code src/test/resources/org/airpost/wbxml/codepages.tsv}; a new page also needs its line in
 * {@link org.airpost.wbxml.CodePages}.
 */
@NullMarked
package org.airpost.wbxml.page;

import org.jspecify.annotations.NullMarked;
