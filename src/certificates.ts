import { createPrivateKey, X509Certificate } from 'node:crypto';
import { readFileSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { createSecureContext } from 'node:tls';
import type { Log } from './service/ports.js';

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

/** @throws Error that says what is wrong with the file, and never what is in it */
export function certificateIn(path: string): X509Certificate {
  const pem = textOf(path);
  try {
    return new X509Certificate(pem);
  } catch (cause) {
    throw new Error('names a file that holds no certificate in PEM', { cause });
  }
}

/** @throws Error, as `certificateIn` */
export function keyIn(path: string): ReturnType<typeof createPrivateKey> {
  const pem = textOf(path);
  try {
    return createPrivateKey(pem);
  } catch (cause) {
    throw new Error('names a file that holds no private key in PEM, or one with a passphrase', { cause });
  }
}

/** Whether the key is that of the certificate. @throws Error, as `certificateIn` */
export function areAPair(certPath: string, keyPath: string): boolean {
  return certificateIn(certPath).checkPrivateKey(keyIn(keyPath));
}

/** Certificate files as they were last whole and fitting; looked at again while the service runs. */
export class CertificateFiles {
  private held: Credentials;
  private readonly looks: (() => void)[] = [];

  /** @throws Error when the files cannot be used together */
  constructor(
    private readonly paths: CertificatePaths,
    private readonly log: Log,
  ) {
    this.held = this.read();
  }

  get current(): Credentials {
    return this.held;
  }

  /** `renewed` is told whenever the files hold something else that can be used; until they do, what was there stays in use. */
  watch(renewed: (credentials: Credentials) => void): void {
    const look: StatsListener = () => this.look(renewed);
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

  private look(renewed: (credentials: Credentials) => void): void {
    try {
      const next = this.read();
      if (JSON.stringify(next) === JSON.stringify(this.held)) return;
      this.held = next;
      renewed(next);
      const { cert } = this.paths;
      const until = cert === '' ? {} : { valid_until: certificateIn(cert).validTo };
      this.log.info({ files: this.named, ...until }, 'renewed certificate files are in use');
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
    if (cert !== '' && !areAPair(cert, key)) throw new Error(`${key} is not the key of ${cert}`);
    if (ca !== '') certificateIn(ca);
    const credentials = {
      ...(cert !== '' && { cert: textOf(cert), key: textOf(key) }),
      ...(ca !== '' && { ca: textOf(ca) }),
    };
    createSecureContext(credentials);
    return credentials;
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
