package org.airpost.backend.ldap;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.airpost.backend.Person;

/**
 * What the attributes of people are called, the first that has a value counting.
 *
 * @param names for each thing that is known of people its attributes
 */
public record LdapAttributes(Map<What, List<String>> names) {

    /** What an attribute can be. The order is that of the documents. */
    public enum What {
        DISPLAY_NAME("displayName"),
        MAIL("mail"),
        /** Other addresses of the same person; {@code smtp:} before one is cut off. */
        OTHER_MAIL("otherMail"),
        PHONE("phone"),
        OFFICE("office"),
        TITLE("title"),
        COMPANY("company"),
        ALIAS("alias"),
        FIRST_NAME("firstName"),
        LAST_NAME("lastName"),
        HOME_PHONE("homePhone"),
        MOBILE_PHONE("mobilePhone"),
        PHOTO("photo"),
        CERTIFICATE("certificate"),
        /** PKCS #7 with certificates in it. Source: RFC 2798 §2.8. */
        SMIME_CERTIFICATE("smimeCertificate");

        private final String word;

        What(String word) {
            this.word = word;
        }

        /** As it is written in the configuration. */
        public String word() {
            return word;
        }
    }

    /** Kinds of directories. */
    public enum Schema {
        /** Source: RFC 2798; RFC 4519; RFC 4524. */
        INETORGPERSON,
        /** Source: MS-ADA1 to MS-ADA3. */
        ACTIVEDIRECTORY
    }

    private static final Map<What, List<String>> INETORGPERSON = Map.ofEntries(
            Map.entry(What.DISPLAY_NAME, List.of("displayName", "cn")),
            Map.entry(What.MAIL, List.of("mail")),
            Map.entry(What.OTHER_MAIL, List.of("mailAlternateAddress", "mailLocalAddress")),
            Map.entry(What.PHONE, List.of("telephoneNumber")),
            Map.entry(What.OFFICE, List.of("roomNumber", "physicalDeliveryOfficeName")),
            Map.entry(What.TITLE, List.of("title")),
            Map.entry(What.COMPANY, List.of("o")),
            Map.entry(What.ALIAS, List.of("uid")),
            Map.entry(What.FIRST_NAME, List.of("givenName")),
            Map.entry(What.LAST_NAME, List.of("sn")),
            Map.entry(What.HOME_PHONE, List.of("homePhone")),
            Map.entry(What.MOBILE_PHONE, List.of("mobile")),
            Map.entry(What.PHOTO, List.of("jpegPhoto", "thumbnailPhoto")),
            Map.entry(What.CERTIFICATE, List.of("userCertificate;binary", "userCertificate")),
            Map.entry(What.SMIME_CERTIFICATE, List.of("userSMIMECertificate;binary", "userSMIMECertificate")));

    private static final Map<What, List<String>> OF_ACTIVE_DIRECTORY = Map.of(
            What.OTHER_MAIL, List.of("proxyAddresses"),
            What.OFFICE, List.of("physicalDeliveryOfficeName"),
            What.COMPANY, List.of("company"),
            What.ALIAS, List.of("mailNickname", "sAMAccountName"),
            What.PHOTO, List.of("thumbnailPhoto", "jpegPhoto"),
            What.CERTIFICATE, List.of("userCertificate"),
            What.SMIME_CERTIFICATE, List.of("userSMIMECertificate"));

    /** What is looked through for the words of a search. */
    private static final List<What> SOUGHT = List.of(
            What.DISPLAY_NAME,
            What.FIRST_NAME,
            What.LAST_NAME,
            What.ALIAS,
            What.MAIL,
            What.OTHER_MAIL,
            What.PHONE,
            What.HOME_PHONE,
            What.MOBILE_PHONE);

    private static final Map<What, Person.Field> FIELDS = Map.of(
            What.DISPLAY_NAME, Person.Field.DISPLAY_NAME,
            What.PHONE, Person.Field.PHONE,
            What.OFFICE, Person.Field.OFFICE,
            What.TITLE, Person.Field.TITLE,
            What.COMPANY, Person.Field.COMPANY,
            What.ALIAS, Person.Field.ALIAS,
            What.FIRST_NAME, Person.Field.FIRST_NAME,
            What.LAST_NAME, Person.Field.LAST_NAME,
            What.HOME_PHONE, Person.Field.HOME_PHONE,
            What.MOBILE_PHONE, Person.Field.MOBILE_PHONE);

    public LdapAttributes {
        var copy = new EnumMap<What, List<String>>(What.class);
        names.forEach((what, attributes) -> copy.put(what, List.copyOf(attributes)));
        names = Map.copyOf(copy);
    }

    /** Those of a schema, but for what has other names here; an empty list for what is not to be shown. */
    public static LdapAttributes of(Schema schema, Map<What, List<String>> others) {
        var all = new EnumMap<>(INETORGPERSON);
        if (schema == Schema.ACTIVEDIRECTORY) {
            all.putAll(OF_ACTIVE_DIRECTORY);
        }
        all.putAll(others);
        return new LdapAttributes(all);
    }

    List<String> of(What what) {
        return names.getOrDefault(what, List.of());
    }

    /** What becomes a value of a person. */
    static Map<What, Person.Field> fields() {
        return FIELDS;
    }

    /** The attributes in which the words of a search are looked for, without options. */
    Set<String> sought() {
        var sought = new LinkedHashSet<String>();
        SOUGHT.forEach(what -> sought.addAll(of(what)));
        return sought;
    }

    /** The attributes to be read. */
    List<String> read(boolean photos, boolean certificates) {
        var read = new ArrayList<String>();
        Arrays.stream(What.values())
                .filter(what -> switch (what) {
                    case PHOTO -> photos;
                    case CERTIFICATE, SMIME_CERTIFICATE -> certificates;
                    default -> true;
                })
                .forEach(what -> read.addAll(of(what)));
        return read;
    }
}
