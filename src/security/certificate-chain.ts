import { type KeyObject, X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[\s\S]*?-----END \1-----/g;

/** The certificates of a PEM text, in order. @throws Error that names an unreadable one by its number */
export function certificatesOf(pem: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new Error(`names a file in which certificate ${index + 1} cannot be read`, { cause });
    }
  });
}

/** Why the key and the chain do not belong together; null if they do. */
export function misfit(chain: readonly X509Certificate[], key: KeyObject): 'other_key' | 'wrong_order' | null {
  const own = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (own === 0) return null;
  return own < 0 ? 'other_key' : 'wrong_order';
}

/** A property of a certificate chain that makes peers refuse it. */
export interface ChainWarning {
  readonly fields: Readonly<Record<string, string | number>>;
  readonly message: string;
}

/** Certificates that are expired or not yet valid. */
export function datesWarnings(certificates: readonly X509Certificate[], unixMs: number): ChainWarning[] {
  return certificates.flatMap(({ subject, validFrom, validTo }, index): ChainWarning[] => {
    const fields = { certificate: index + 1, subject: subject.replaceAll('\n', ', ') };
    if (Date.parse(validTo) < unixMs) {
      const message = 'certificate expired: peers that verify it refuse the connection; renew it';
      return [{ fields: { ...fields, valid_until: isoOf(validTo) }, message }];
    }
    if (Date.parse(validFrom) <= unixMs) return [];
    const message = 'certificate not yet valid: peers that verify it refuse the connection until then';
    return [{ fields: { ...fields, valid_from: isoOf(validFrom) }, message }];
  });
}

/** The first certificate that did not sign the one before it. */
export function orderWarnings(chain: readonly X509Certificate[]): ChainWarning[] {
  const wrong = chain.findIndex(
    (certificate, index) => index > 0 && chain[index - 1]?.checkIssued(certificate) === false,
  );
  if (wrong < 0) return [];
  const message =
    'certificate chain in the wrong order: this certificate did not sign the one before it; put each issuer after the certificate it signed';
  return [{ fields: { certificate: wrong + 1 }, message }];
}

function isoOf(date: string): string {
  return new Date(date).toISOString();
}
