package org.airpost.command;

import static org.assertj.core.api.Assertions.assertThat;

import org.airpost.backend.certificate.Verdict;
import org.airpost.eas.CommandName;
import org.airpost.eas.ProtocolVersion;
import org.airpost.wbxml.page.ValidateCert;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ValidateCertCommandTest {

    @ParameterizedTest
    @CsvSource({
        "GOOD, 1",
        "BAD_SIGNATURE, 3",
        "UNTRUSTED, 4",
        "BAD_CHAIN, 5",
        "NOT_FOR_MAIL, 6",
        "EXPIRED, 7",
        "CHAIN_EXPIRED, 8",
        "MISUSED, 9",
        "MALFORMED, 10",
        "NOT_AN_AUTHORITY, 11",
        "REVOKED, 13",
        "REVOCATION_OFFLINE, 14",
        "CHAIN_REVOKED, 15",
        "REVOCATION_UNKNOWN, 16",
        "FAILED, 17"
    })
    void eachVerdictHasAStatus(Verdict verdict, int status) {
        var command = new ValidateCertCommand((der, chain, strict, deadline) -> verdict);
        var answer = command.run(Requests.of(CommandName.VALIDATE_CERT, ProtocolVersion.V14_1)
                .body(out -> out.start(ValidateCert.VALIDATE_CERT)
                        .start(ValidateCert.CERTIFICATES)
                        .text(ValidateCert.CERTIFICATE, "AQID")
                        .end()
                        .end()));
        assertThat(Documents.text(answer))
                .isEqualTo(
                        "<ValidateCert><Status>1</Status><Certificate><Status>%d</Status></Certificate></ValidateCert>"
                                .formatted(status));
    }
}
