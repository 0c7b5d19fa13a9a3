/**
 * Whether a certificate is good for mail: its chain up to a trusted authority, its dates, its use, and whether it was
 * revoked.
 *
 * <p>{@link org.airpost.backend.certificate.CertificateCheck} walks the chain with the JDK's PKIX; {@code Revocation} fetches
 * what the authorities say (OCSP, CRL) within limits and gives it to the JDK to judge, which fetches nothing by itself. Only
 * addresses in certificates whose signature leads to a trusted authority are asked, so that nobody makes the gateway call
 * whom they like.
 */
@NullMarked
package org.airpost.backend.certificate;

import org.jspecify.annotations.NullMarked;
