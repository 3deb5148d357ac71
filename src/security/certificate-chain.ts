import { type KeyObject, X509Certificate } from 'node:crypto';

const BLOCK = /-----BEGIN ((?:X509 |TRUSTED )?CERTIFICATE)-----[\s\S]*?-----END \1-----/g;

/** The certificates of a text in PEM, in its order. @throws Error that says which of them cannot be read */
export function certificatesOf(pem: string): X509Certificate[] {
  return (pem.match(BLOCK) ?? []).map((block, index) => {
    try {
      return new X509Certificate(block);
    } catch (cause) {
      throw new Error(`names a file of which certificate ${index + 1} cannot be read`, { cause });
    }
  });
}

/** Why the key and the chain do not fit each other; null where they do. */
export function misfit(chain: readonly X509Certificate[], key: KeyObject): 'other_key' | 'wrong_order' | null {
  const own = chain.findIndex((certificate) => certificate.checkPrivateKey(key));
  if (own === 0) return null;
  return own < 0 ? 'other_key' : 'wrong_order';
}

/** What of a chain of certificates others will refuse. */
export interface ChainWarning {
  readonly fields: Readonly<Record<string, string | number>>;
  readonly message: string;
}

/** Those that are not valid at this instant. */
export function datesWarnings(certificates: readonly X509Certificate[], unixMs: number): ChainWarning[] {
  return certificates.flatMap(({ subject, validFrom, validTo }, index): ChainWarning[] => {
    const fields = { certificate: index + 1, subject: subject.replaceAll('\n', ', ') };
    if (Date.parse(validTo) < unixMs) {
      const message = 'a certificate has expired: whoever checks it refuses the connection; renew it';
      return [{ fields: { ...fields, valid_until: isoOf(validTo) }, message }];
    }
    if (Date.parse(validFrom) <= unixMs) return [];
    const message = 'a certificate is not valid yet: whoever checks it refuses the connection until then';
    return [{ fields: { ...fields, valid_from: isoOf(validFrom) }, message }];
  });
}

/** The first that did not sign the one before it. */
export function orderWarnings(chain: readonly X509Certificate[]): ChainWarning[] {
  const wrong = chain.findIndex(
    (certificate, index) => index > 0 && chain[index - 1]?.checkIssued(certificate) === false,
  );
  if (wrong < 0) return [];
  const message =
    'a certificate chain is in the wrong order: this certificate did not sign the one before it; put each after the one that it signed';
  return [{ fields: { certificate: wrong + 1 }, message }];
}

function isoOf(date: string): string {
  return new Date(date).toISOString();
}
