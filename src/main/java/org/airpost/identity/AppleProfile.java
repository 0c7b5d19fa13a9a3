package org.airpost.identity;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.StringWriter;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import javax.xml.stream.XMLOutputFactory;
import javax.xml.stream.XMLStreamException;
import javax.xml.stream.XMLStreamWriter;

/**
 * A configuration profile that sets up the account on an iPhone or iPad: a file that the user opens. Not signed, so iOS shows
 * it as "not verified". Source: Apple, Device Management, "ExchangeActiveSync" ({@code com.apple.eas.account}),
 * "CertificatePKCS12", "CertificateRoot".
 *
 * @param host with the port if it is not 443
 * @param user what is to be typed as user name
 * @param password in the profile, if the user need not type one
 * @param p12 the device's certificate with its key; its password is asked for when the profile is installed
 * @param authority the authority of the server's certificate, if phones do not know it by themselves
 */
public record AppleProfile(
        String host,
        String address,
        String user,
        Optional<String> password,
        Optional<byte[]> p12,
        Optional<X509Certificate> authority) {

    /** What the file is. */
    public static final String CONTENT_TYPE = "application/x-apple-aspen-config";

    private static final String NAME = "Airpost";

    /** The file. */
    public byte[] bytes() {
        var text = new StringWriter();
        try {
            var out = XMLOutputFactory.newInstance().createXMLStreamWriter(text);
            out.writeStartDocument("UTF-8", "1.0");
            out.writeDTD("<!DOCTYPE plist PUBLIC \"-//Apple//DTD PLIST 1.0//EN\""
                    + " \"http://www.apple.com/DTDs/PropertyList-1.0.dtd\">");
            out.writeStartElement("plist");
            out.writeAttribute("version", "1.0");
            out.writeStartElement("dict");
            text(out, "PayloadType", "Configuration");
            head(out, "profile", NAME + ": " + address);
            text(out, "PayloadDescription", "Mail of " + address + " by Exchange ActiveSync");
            key(out, "PayloadContent");
            out.writeStartElement("array");
            if (authority.isPresent()) {
                authorityPayload(out, authority.get());
            }
            if (p12.isPresent()) {
                certificatePayload(out, p12.get());
            }
            accountPayload(out);
            out.writeEndElement();
            out.writeEndElement();
            out.writeEndElement();
            out.writeEndDocument();
            out.close();
        } catch (XMLStreamException e) {
            throw new IllegalStateException("a text that XML cannot hold, in a profile", e);
        }
        return text.toString().getBytes(UTF_8);
    }

    private void accountPayload(XMLStreamWriter out) throws XMLStreamException {
        out.writeStartElement("dict");
        text(out, "PayloadType", "com.apple.eas.account");
        head(out, "account", address);
        text(out, "Host", host);
        text(out, "EmailAddress", address);
        text(out, "UserName", user);
        key(out, "SSL");
        out.writeEmptyElement("true");
        if (password.isPresent()) {
            text(out, "Password", password.get());
        }
        if (p12.isPresent()) {
            text(out, "PayloadCertificateUUID", uuid("certificate"));
        }
        out.writeEndElement();
    }

    private void certificatePayload(XMLStreamWriter out, byte[] bytes) throws XMLStreamException {
        out.writeStartElement("dict");
        text(out, "PayloadType", "com.apple.security.pkcs12");
        head(out, "certificate", "Certificate of this device");
        text(out, "PayloadCertificateFileName", "airpost.p12");
        data(out, bytes);
        out.writeEndElement();
    }

    private void authorityPayload(XMLStreamWriter out, X509Certificate certificate) throws XMLStreamException {
        out.writeStartElement("dict");
        text(out, "PayloadType", "com.apple.security.root");
        head(out, "authority", "Authority of " + host);
        text(out, "PayloadCertificateFileName", "airpost-ca.crt");
        try {
            data(out, certificate.getEncoded());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException("a certificate that was read can be written", e);
        }
        out.writeEndElement();
    }

    private void head(XMLStreamWriter out, String part, String display) throws XMLStreamException {
        key(out, "PayloadVersion");
        out.writeStartElement("integer");
        out.writeCharacters("1");
        out.writeEndElement();
        text(out, "PayloadIdentifier", "org.airpost." + uuid("profile").toLowerCase(Locale.ROOT) + "." + part);
        text(out, "PayloadUUID", uuid(part));
        text(out, "PayloadDisplayName", display);
    }

    /** The same for the same account, so that a later profile takes the place of an earlier one. */
    private String uuid(String part) {
        return UUID.nameUUIDFromBytes((host + "\n" + address + "\n" + part).getBytes(UTF_8))
                .toString()
                .toUpperCase(Locale.ROOT);
    }

    private static void data(XMLStreamWriter out, byte[] bytes) throws XMLStreamException {
        key(out, "PayloadContent");
        out.writeStartElement("data");
        out.writeCharacters(Base64.getMimeEncoder().encodeToString(bytes));
        out.writeEndElement();
    }

    private static void text(XMLStreamWriter out, String key, String value) throws XMLStreamException {
        key(out, key);
        out.writeStartElement("string");
        out.writeCharacters(value);
        out.writeEndElement();
    }

    private static void key(XMLStreamWriter out, String key) throws XMLStreamException {
        out.writeStartElement("key");
        out.writeCharacters(key);
        out.writeEndElement();
    }

    @Override
    public String toString() {
        return "AppleProfile[" + address + "]";
    }
}
