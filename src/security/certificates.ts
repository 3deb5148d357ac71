import { createPrivateKey, type KeyObject, type X509Certificate } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Log } from '../ground/ports.js';
import { type ChainWarning, certificatesOf, datesWarnings, misfit, orderWarnings } from './certificate-chain.js';
import { FileWatcher } from './file-watcher.js';

/** PEM texts of one side of a TLS connection: what it presents (`cert`, `key`) and what it trusts (`ca`). */
export interface Credentials {
  readonly cert?: string;
  readonly key?: string;
  readonly ca?: string;
}

/** An empty path means none. */
export interface CertificatePaths {
  readonly cert: string;
  readonly key: string;
  readonly ca: string;
}

/** The certificates of a file. @throws Error that says what is wrong with the file, never with its content */
export function certificatesIn(path: string): X509Certificate[] {
  return parseCertificates(textOf(path));
}

/** The private key of a file. @throws Error, as `certificatesIn` */
export function keyIn(path: string): KeyObject {
  return parseKey(textOf(path));
}

/** What to change so that the key fits the certificate chain; null if it fits. @throws Error, as `certificatesIn` */
export function pairFault(certPath: string, keyPath: string, certName = certPath, keyName = keyPath): string | null {
  return misfitFault(certificatesIn(certPath), keyIn(keyPath), certName, keyName);
}

/** Certificate files in their last usable version, which follow changes while the service runs. */
export class CertificateFiles {
  private credentials: Credentials;
  private readonly watcher: FileWatcher;
  private onRenewed: (credentials: Credentials) => void = () => {};

  /** @throws Error if the files cannot be used together */
  constructor(
    private readonly paths: CertificatePaths,
    private readonly log: Log,
  ) {
    this.credentials = this.usable(this.files.map(textOf));
    this.warn();
    this.watcher = new FileWatcher(this.files, {
      apply: (texts) => this.renew(texts),
      failed: (reason) =>
        log.warn({ files: this.files, reason }, 'certificate files unusable; keeping the previous certificate'),
    });
  }

  get current(): Credentials {
    return this.credentials;
  }

  /** Calls `onRenewed` after each change to other usable files. */
  watch(onRenewed: (credentials: Credentials) => void): void {
    this.onRenewed = onRenewed;
    this.watcher.start();
  }

  stop(): void {
    this.watcher.stop();
  }

  /** Reads the files now, without waiting for the next poll. */
  readNow(): Promise<void> {
    return this.watcher.readNow();
  }

  private get files(): string[] {
    return [this.paths.cert, this.paths.key, this.paths.ca].filter((path) => path !== '');
  }

  private renew(texts: readonly string[]): void {
    const next = this.usable(texts);
    if (JSON.stringify(next) === JSON.stringify(this.credentials)) return;
    this.credentials = next;
    this.onRenewed(next);
    const [own] = certificatesOf(next.cert ?? '');
    this.log.info({ files: this.files, ...(own && { valid_until: own.validTo }) }, 'certificate files reloaded');
    this.warn();
  }

  /** @param texts of `files`, in the same order. @throws Error if they cannot be used together */
  private usable(texts: readonly string[]): Credentials {
    const { cert, key, ca } = this.paths;
    const textAt = (path: string) => texts[this.files.indexOf(path)] ?? '';
    if (cert !== '') {
      const fault = misfitFault(parseCertificates(textAt(cert)), parseKey(textAt(key)), cert, key);
      if (fault !== null) throw new Error(fault);
    }
    if (ca !== '') parseCertificates(textAt(ca));
    const credentials = {
      ...(cert !== '' && { cert: textAt(cert), key: textAt(key) }),
      ...(ca !== '' && { ca: textAt(ca) }),
    };
    createSecureContext(credentials);
    return credentials;
  }

  /** Logs what does not keep us from using the files, but makes peers refuse them. */
  private warn(): void {
    const { cert, ca } = this.paths;
    const chain = certificatesOf(this.credentials.cert ?? '');
    this.logWarnings(cert, [...datesWarnings(chain, Date.now()), ...orderWarnings(chain)]);
    if (ca !== cert) this.logWarnings(ca, datesWarnings(certificatesOf(this.credentials.ca ?? ''), Date.now()));
  }

  private logWarnings(file: string, warnings: readonly ChainWarning[]): void {
    for (const { fields, message } of warnings) this.log.warn({ file, ...fields }, message);
  }
}

function misfitFault(
  chain: readonly X509Certificate[],
  key: KeyObject,
  certName: string,
  keyName: string,
): string | null {
  const found = misfit(chain, key);
  if (found === 'other_key')
    return `${keyName} is not the key of ${certName}: name the two files that were made together`;
  if (found === 'wrong_order')
    return `${certName} has its chain in the wrong order: put the certificate of ${keyName} first, and each issuer after the certificate it signed`;
  return null;
}

function parseCertificates(pem: string): X509Certificate[] {
  const certificates = certificatesOf(pem);
  if (certificates.length === 0) throw new Error('names a file without a PEM certificate');
  return certificates;
}

function parseKey(pem: string): KeyObject {
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Error('names a file without a PEM private key, or with an encrypted one', { cause });
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    const message = `names a file that cannot be read (${code}): correct the path, or let this user read it`;
    throw new Error(message, { cause });
  }
}
