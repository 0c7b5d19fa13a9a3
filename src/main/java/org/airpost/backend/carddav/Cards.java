package org.airpost.backend.carddav;

import ezvcard.Ezvcard;
import ezvcard.VCard;
import ezvcard.parameter.TelephoneType;
import ezvcard.property.Email;
import ezvcard.property.Telephone;
import ezvcard.property.TextProperty;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;
import org.airpost.backend.Directory.Query;
import org.airpost.backend.Person;
import org.airpost.backend.Person.Field;
import org.jspecify.annotations.Nullable;

/** Makes people of vCards. Source: RFC 2426; RFC 6350. */
final class Cards {

    private Cards() {}

    /** The people of a text of vCards who have an address. */
    static List<Person> read(String text, Query query) {
        var people = new ArrayList<Person>();
        for (var card : Ezvcard.parse(text).all()) {
            person(card, query).ifPresent(people::add);
        }
        return people;
    }

    private static Optional<Person> person(VCard card, Query query) {
        var addresses = new LinkedHashSet<String>();
        card.getEmails().stream()
                .sorted((a, b) -> Integer.compare(preference(a), preference(b)))
                .forEach(email -> value(email).filter(a -> a.indexOf('@') > 0).ifPresent(addresses::add));
        if (addresses.isEmpty()) {
            return Optional.empty();
        }
        var values = new EnumMap<Field, String>(Field.class);
        put(values, Field.DISPLAY_NAME, value(card.getFormattedName()));
        Optional.ofNullable(card.getStructuredName()).ifPresent(name -> {
            put(values, Field.FIRST_NAME, Optional.ofNullable(name.getGiven()));
            put(values, Field.LAST_NAME, Optional.ofNullable(name.getFamily()));
        });
        Optional.ofNullable(card.getOrganization())
                .ifPresent(organization -> put(
                        values, Field.COMPANY, organization.getValues().stream().findFirst()));
        card.getTitles().stream().findFirst().ifPresent(title -> put(values, Field.TITLE, value(title)));
        Optional.ofNullable(card.getNickname())
                .ifPresent(nickname ->
                        put(values, Field.ALIAS, nickname.getValues().stream().findFirst()));
        put(values, Field.MOBILE_PHONE, number(card, types -> types.contains(TelephoneType.CELL)));
        put(
                values,
                Field.HOME_PHONE,
                number(card, types -> types.contains(TelephoneType.HOME) && !types.contains(TelephoneType.CELL)));
        put(
                values,
                Field.PHONE,
                number(
                        card,
                        types -> !types.contains(TelephoneType.CELL)
                                && !types.contains(TelephoneType.HOME)
                                && !types.contains(TelephoneType.FAX)));
        return Optional.of(new Person(
                Person.Source.ADDRESS_BOOK,
                List.copyOf(addresses),
                values,
                query.photos() ? photo(card) : Optional.empty(),
                query.certificates() ? certificates(card) : List.of()));
    }

    private static int preference(Email email) {
        var pref = email.getPref();
        boolean preferred =
                email.getTypes().stream().anyMatch(type -> type.getValue().equals("pref"));
        return pref != null ? pref : preferred ? 1 : 101;
    }

    private static void put(EnumMap<Field, String> values, Field field, Optional<String> value) {
        value.ifPresent(text -> values.put(field, text));
    }

    private static Optional<String> value(@Nullable TextProperty property) {
        return Optional.ofNullable(property)
                .map(TextProperty::getValue)
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }

    private static Optional<String> number(VCard card, Predicate<Collection<TelephoneType>> kind) {
        return card.getTelephoneNumbers().stream()
                .filter(number -> kind.test(number.getTypes()))
                .flatMap(number -> number(number).stream())
                .findFirst();
    }

    private static Optional<String> number(Telephone telephone) {
        return Optional.ofNullable(telephone.getText())
                .or(() -> Optional.ofNullable(telephone.getUri()).map(uri -> uri.getNumber()))
                .map(String::strip)
                .filter(text -> !text.isEmpty());
    }

    /** One that is in the card: what lies elsewhere is not fetched. */
    private static Optional<Person.Photo> photo(VCard card) {
        return Person.Photo.firstOf(
                card.getPhotos().stream().flatMap(photo -> Optional.ofNullable(photo.getData()).stream()));
    }

    private static List<Person.Certificate> certificates(VCard card) {
        return card.getKeys().stream()
                .flatMap(key -> Optional.ofNullable(key.getData()).stream())
                .map(Person.Certificate::new)
                .toList();
    }
}
