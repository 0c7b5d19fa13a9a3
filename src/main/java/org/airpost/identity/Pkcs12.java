package org.airpost.identity;

import java.io.IOException;
import java.security.GeneralSecurityException;
import java.security.PrivateKey;
import java.security.cert.X509Certificate;
import java.util.List;
import org.bouncycastle.asn1.DERBMPString;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.pkcs.PrivateKeyInfo;
import org.bouncycastle.cert.jcajce.JcaX509CertificateHolder;
import org.bouncycastle.cert.jcajce.JcaX509ExtensionUtils;
import org.bouncycastle.crypto.engines.DESedeEngine;
import org.bouncycastle.crypto.modes.CBCBlockCipher;
import org.bouncycastle.pkcs.PKCS12PfxPduBuilder;
import org.bouncycastle.pkcs.PKCS12SafeBag;
import org.bouncycastle.pkcs.PKCS12SafeBagBuilder;
import org.bouncycastle.pkcs.PKCSException;
import org.bouncycastle.pkcs.bc.BcPKCS12MacCalculatorBuilder;
import org.bouncycastle.pkcs.bc.BcPKCS12PBEOutputEncryptorBuilder;

/**
 * A key with its certificates in one file, as phones take them. Encrypted with Triple DES: what newer tools write, AES with
 * PBES2, is read by no iOS before 17 or so and no Android before 12. It is on its way for minutes, over TLS. Source: RFC 7292.
 */
final class Pkcs12 {

    private Pkcs12() {}

    static byte[] of(PrivateKey key, List<X509Certificate> chain, String name, String password)
            throws IOException, GeneralSecurityException {
        var encryptor = new BcPKCS12PBEOutputEncryptorBuilder(
                PKCSObjectIdentifiers.pbeWithSHAAnd3_KeyTripleDES_CBC, CBCBlockCipher.newInstance(new DESedeEngine()));
        encryptor.setIterationCount(10_000);
        var letters = password.toCharArray();
        var own = chain.getFirst();
        var keyId = new JcaX509ExtensionUtils().createSubjectKeyIdentifier(own.getPublicKey());
        try {
            var keyBag =
                    new PKCS12SafeBagBuilder(PrivateKeyInfo.getInstance(key.getEncoded()), encryptor.build(letters));
            keyBag.addBagAttribute(PKCS12SafeBag.friendlyNameAttribute, new DERBMPString(name));
            keyBag.addBagAttribute(PKCS12SafeBag.localKeyIdAttribute, keyId);
            var bags = new PKCS12SafeBag[chain.size()];
            for (int i = 0; i < bags.length; i++) {
                var bag = new PKCS12SafeBagBuilder(new JcaX509CertificateHolder(chain.get(i)).toASN1Structure());
                if (i == 0) {
                    bag.addBagAttribute(PKCS12SafeBag.friendlyNameAttribute, new DERBMPString(name));
                    bag.addBagAttribute(PKCS12SafeBag.localKeyIdAttribute, keyId);
                }
                bags[i] = bag.build();
            }
            var file = new PKCS12PfxPduBuilder();
            file.addEncryptedData(encryptor.build(letters), bags);
            file.addData(keyBag.build());
            var mac = new BcPKCS12MacCalculatorBuilder();
            mac.setIterationCount(10_000);
            return file.build(mac, letters).getEncoded();
        } catch (PKCSException e) {
            throw new GeneralSecurityException(e);
        }
    }
}
