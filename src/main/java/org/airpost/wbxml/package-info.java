/**
 * WBXML as phones and gateway speak it. {@link org.airpost.wbxml.WbxmlReader} is a cursor over a document that comes in,
 * {@link org.airpost.wbxml.WbxmlWriter} writes one that goes out; neither ever holds a tree, and both stream long contents.
 * The tags are the enums of {@code org.airpost.wbxml.page}, found by number or name in
 * {@link org.airpost.wbxml.CodePages}. {@link org.airpost.wbxml.WbxmlXml} shows a document as XML for tests and logs, and
 * makes one from XML.
 *
 * <p>This room knows bytes, tags and limits; it does not know what a command means, and imports nothing of ours. Hostile
 * bytes end in {@link org.airpost.wbxml.MalformedRequestException} and nothing else: whoever changes the reader runs
 * {@code WbxmlFuzzTest}. Start with {@code WbxmlReader}, then {@code WbxmlReaderTest}. Source: WAP-192-WBXML; MS-ASWBXML.
 */
@NullMarked
package org.airpost.wbxml;

import org.jspecify.annotations.NullMarked;
