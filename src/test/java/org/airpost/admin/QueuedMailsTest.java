package org.airpost.admin;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class QueuedMailsTest {

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '\'', textBlock = """
                    550 5.1.1 <bob@example.net>: unknown       | 550 5.1.1 <…>: unknown
                    550 bob.b+x@example.net: no such user      | 550 <…>: no such user
                    550 <"bob b"@example.net> and "b b"@x.org. | 550 <…> and <…>
                    450 rfc822;bob@[192.0.2.1], (ann@x.org)    | 450 rfc822;<…>, (<…>)
                    553 <jürgen@büro.example> refused          | 553 <…> refused
                    421 4.3.2 mail.example.net is closing      | 421 4.3.2 mail.example.net is closing
                    """)
    void wordsNameNoCorrespondent(String words, String shown) {
        assertThat(new QueuedMails.Line("1", "anna", "", "", 1, 1, words).words())
                .isEqualTo(shown);
    }
}
