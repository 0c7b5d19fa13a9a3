package org.airpost.command;

import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import org.airpost.backend.certificate.CertificateCheck;
import org.airpost.backend.certificate.Verdict;
import org.airpost.eas.StatusException;
import org.airpost.eas.ValidateCertStatus;
import org.airpost.wbxml.WbxmlReader;
import org.airpost.wbxml.page.ValidateCert;

/** Says of certificates of signed mail what they are worth. Source: MS-ASCMD "ValidateCert". At most 20 of a request. */
public final class ValidateCertCommand implements Command {

    private static final int MOST_CERTIFICATES = 20;

    private final CertificateCheck check;

    public ValidateCertCommand(CertificateCheck check) {
        this.check = check;
    }

    private record Asked(List<Optional<byte[]>> certificates, List<byte[]> chain, boolean strict) {}

    @Override
    public Answer run(Request request) {
        var asked = read(request.document());
        var statuses = new ArrayList<ValidateCertStatus>();
        for (var certificate : asked.certificates()) {
            statuses.add(certificate
                    .map(der -> status(check.check(der, asked.chain(), asked.strict(), request.deadline())))
                    .orElse(ValidateCertStatus.MALFORMED));
        }
        return Answer.document(out -> {
            out.start(ValidateCert.VALIDATE_CERT).text(ValidateCert.STATUS, ValidateCertStatus.SUCCESS.code());
            statuses.forEach(status -> out.start(ValidateCert.CERTIFICATE)
                    .text(ValidateCert.STATUS, status.code())
                    .end());
            out.end();
        });
    }

    private static ValidateCertStatus status(Verdict verdict) {
        return switch (verdict) {
            case GOOD -> ValidateCertStatus.SUCCESS;
            case BAD_SIGNATURE -> ValidateCertStatus.BAD_SIGNATURE;
            case UNTRUSTED -> ValidateCertStatus.UNTRUSTED;
            case BAD_CHAIN -> ValidateCertStatus.BAD_CHAIN;
            case NOT_FOR_MAIL -> ValidateCertStatus.NOT_FOR_MAIL;
            case EXPIRED -> ValidateCertStatus.EXPIRED;
            case CHAIN_EXPIRED -> ValidateCertStatus.CHAIN_EXPIRED;
            case MISUSED -> ValidateCertStatus.MISUSED;
            case MALFORMED -> ValidateCertStatus.MALFORMED;
            case NOT_AN_AUTHORITY -> ValidateCertStatus.NOT_AN_AUTHORITY;
            case REVOKED -> ValidateCertStatus.REVOKED;
            case REVOCATION_OFFLINE -> ValidateCertStatus.REVOCATION_OFFLINE;
            case CHAIN_REVOKED -> ValidateCertStatus.CHAIN_REVOKED;
            case REVOCATION_UNKNOWN -> ValidateCertStatus.REVOCATION_UNKNOWN;
            case FAILED -> ValidateCertStatus.SERVER_ERROR;
        };
    }

    private static Asked read(WbxmlReader in) {
        List<Optional<byte[]>> certificates = new ArrayList<>();
        List<Optional<byte[]>> chain = new ArrayList<>();
        boolean strict = false;
        in.root(ValidateCert.VALIDATE_CERT);
        while (in.child()) {
            switch (in.tag()) {
                case ValidateCert.CERTIFICATES -> readCertificates(in, certificates);
                case ValidateCert.CERTIFICATE_CHAIN -> readCertificates(in, chain);
                case ValidateCert.CHECK_CRL -> {
                    var text = in.text().strip();
                    if (!text.matches("[01]?")) {
                        throw refused("CheckCRL is \"%s\"".formatted(text));
                    }
                    strict = text.equals("1");
                }
                default -> in.skip();
            }
        }
        if (certificates.isEmpty() || certificates.size() > MOST_CERTIFICATES || chain.size() > MOST_CERTIFICATES) {
            throw refused("%d certificates and %d of the chain".formatted(certificates.size(), chain.size()));
        }
        // What is no base64 is no certificate either, and the check says so.
        return new Asked(
                certificates, chain.stream().map(one -> one.orElse(new byte[0])).toList(), strict);
    }

    private static StatusException refused(String why) {
        return new StatusException(ValidateCertStatus.PROTOCOL_ERROR, why);
    }

    private static void readCertificates(WbxmlReader in, List<Optional<byte[]>> certificates) {
        while (in.child()) {
            switch (in.tag()) {
                case ValidateCert.CERTIFICATE -> certificates.add(decode(in.text()));
                default -> in.skip();
            }
        }
    }

    private static Optional<byte[]> decode(String base64) {
        try {
            return Optional.of(Base64.getMimeDecoder().decode(base64));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
