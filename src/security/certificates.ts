import { createPrivateKey, type X509Certificate } from 'node:crypto';
import { readFileSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Log } from '../ground/ports.js';
import { certificatesOf, datesWarnings, misfit, orderWarnings } from './certificate-chain.js';

/** What one side of a TLS connection shows (`cert`, `key`) and whom it trusts (`ca`): PEM texts. */
export interface Credentials {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** Where they are; empty: nowhere. */
export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** How often the files are looked at. Programs that renew certificates also put links in the place of links, which no notice tells of. */
const LOOK_MS = 2_000;

/** The certificates of a file. @throws Error that says what is wrong with the file, and never what is in it */
export function certificatesIn(path: string): X509Certificate[] {
  const certificates = certificatesOf(textOf(path));
  if (certificates.length === 0) throw new Error('names a file that holds no certificate in PEM');
  return certificates;
}

/** @throws Error, as `certificatesIn` */
export function keyIn(path: string): ReturnType<typeof createPrivateKey> {
  const pem = textOf(path);
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Error('names a file that holds no private key in PEM, or one with a passphrase', { cause });
  }
}

/** What must be changed for the key to fit the chain of certificates; null where it fits. @throws Error, as `certificatesIn` */
export function pairFault(certPath: string, keyPath: string, certName = certPath, keyName = keyPath): string | null {
  const found = misfit(certificatesIn(certPath), keyIn(keyPath));
  if (found === 'other_key')
    return `${keyName} is not the key of ${certName}: name the two files that were made together`;
  if (found === 'wrong_order')
    return `${certName} holds its chain in the wrong order: put the certificate of ${keyName} first, and after each the one that signed it`;
  return null;
}

/** Certificate files as they were last whole and fitting; looked at again while the service runs. */
export class CertificateFiles {
  private held: Credentials;
  private readonly looks: (() => void)[] = [];
  private renewed: (credentials: Credentials) => void = () => {};

  /** @throws Error when the files cannot be used together */
  constructor(
    private readonly paths: CertificatePaths,
    private readonly log: Log,
  ) {
    this.held = this.read();
    this.warn();
  }

  get current(): Credentials {
    return this.held;
  }

  /** `renewed` is told whenever the files hold something else that can be used; until they do, what was there stays in use. */
  watch(renewed: (credentials: Credentials) => void): void {
    this.renewed = renewed;
    const look: StatsListener = () => this.readNow();
    for (const path of this.named) {
      watchFile(path, { interval: LOOK_MS, persistent: false }, look);
      this.looks.push(() => unwatchFile(path, look));
    }
  }

  close(): void {
    for (const end of this.looks.splice(0)) end();
  }

  private get named(): string[] {
    return [this.paths.cert, this.paths.key, this.paths.ca].filter((path) => path !== '');
  }

  /** Takes up what the files hold now, without waiting for a notice of it. */
  readNow(): void {
    try {
      const next = this.read();
      if (JSON.stringify(next) === JSON.stringify(this.held)) return;
      this.held = next;
      this.renewed(next);
      const { cert } = this.paths;
      const until = cert === '' ? {} : { valid_until: certificatesIn(cert)[0]?.validTo };
      this.log.info({ files: this.named, ...until }, 'renewed certificate files are in use');
      this.warn();
    } catch (err) {
      // One of a pair may have been written, and the other not yet.
      this.log.warn(
        { err, files: this.named },
        'certificate files have changed and cannot be used; those of before stay',
      );
    }
  }

  private read(): Credentials {
    const { cert, key, ca } = this.paths;
    const fault = cert === '' ? null : pairFault(cert, key);
    if (fault !== null) throw new Error(fault);
    if (ca !== '') certificatesIn(ca);
    const credentials = {
      ...(cert !== '' && { cert: textOf(cert), key: textOf(key) }),
      ...(ca !== '' && { ca: textOf(ca) }),
    };
    createSecureContext(credentials);
    return credentials;
  }

  /** Says what does not keep the files from being used, but others from trusting them. */
  private warn(): void {
    const { cert, ca } = this.paths;
    for (const file of new Set([cert, ca].filter((path) => path !== ''))) {
      const certificates = certificatesIn(file);
      const ofTheChain = file === cert ? orderWarnings(certificates) : [];
      for (const { fields, message } of [...datesWarnings(certificates, Date.now()), ...ofTheChain])
        this.log.warn({ file, ...fields }, message);
    }
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new Error(`names a file that cannot be read (${code}): correct the path, or let this user read it`, {
      cause,
    });
  }
}
