import { readFileSync } from 'node:fs';
import { certificatesIn, keyIn, pairFault } from '../security/certificates.js';

// TLS options of CLUSTERER_DB_URL, in the spelling of libpq or of MySQL's clients. They mean the same on every server.

/** From weakest to strongest. The last three refuse a server without TLS. */
const MODES = ['disable', 'prefer', 'require', 'verify-ca', 'verify-full'] as const;

export type TlsMode = (typeof MODES)[number];

/** Whether and how a connection is encrypted. `ca`, `cert` and `key` are PEM texts. */
export interface DatabaseTls {
  readonly mode: TlsMode;
  /** Without it: the authorities that Node trusts. */
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

const SPELLINGS: Readonly<Record<TlsMode, readonly string[]>> = {
  disable: ['disable', 'disabled', 'false', '0', 'no', 'off'],
  prefer: ['prefer', 'preferred', 'allow'],
  require: ['require', 'required', 'true', '1', 'yes', 'on', 'no-verify', 'trust'],
  'verify-ca': ['verify-ca'],
  'verify-full': ['verify-full', 'verify-identity'],
};

type Part = 'mode' | 'ca' | 'cert' | 'key';

/** Names in lower case without `-` and `_`: `ssl-mode`, `ssl_mode` and `sslMode` are the same option. */
const PARTS: Readonly<Record<string, Part>> = {
  sslmode: 'mode',
  ssl: 'mode',
  sslrootcert: 'ca',
  sslca: 'ca',
  sslcert: 'cert',
  sslkey: 'key',
};

export function isTlsOption(name: string): boolean {
  return partOf(name) !== undefined;
}

function partOf(name: string): Part | undefined {
  return PARTS[name.toLowerCase().replaceAll(/[-_]/g, '')];
}

/**
 * Reads the TLS options and the files that they name.
 * @returns null when there is no TLS option
 * @throws {Error} that names the option, never its value
 */
export function readTls(options: ReadonlyMap<string, string>): DatabaseTls | null {
  const given = [...options].filter(([name]) => isTlsOption(name));
  const of = (part: Part) => given.filter(([name]) => partOf(name) === part);
  const explicit = strongest(of('mode').map(([name, value]) => modeOf(name, value)));
  const files = { ca: only(of('ca')), cert: only(of('cert')), key: only(of('key')) };
  const named = Object.values(files).find((file) => file !== undefined);
  // An authority or a certificate without a mode means full verification.
  const mode = explicit ?? (named === undefined ? null : 'verify-full');
  if (mode === null) return null;
  if (mode !== 'disable' && mode !== 'prefer') {
    const ca = authorities(files.ca, mode);
    // As in libpq, `require` with an authority verifies against it.
    const effective = mode === 'require' && ca.ca !== undefined ? 'verify-ca' : mode;
    return { mode: effective, ...ca, ...pair(files.cert, files.key) };
  }
  if (named === undefined) return { mode };
  throw new Error(`CLUSTERER_DB_URL: ${named[0]} has no effect without TLS. Write sslmode=verify-full, or remove it.`);
}

type Option = readonly [name: string, value: string];

function modeOf(name: string, value: string): TlsMode {
  const word = value.toLowerCase().replaceAll('_', '-');
  const mode = MODES.find((one) => SPELLINGS[one].includes(word));
  if (mode === undefined) {
    throw new Error(`CLUSTERER_DB_URL: ${name} must be one of ${MODES.join(', ')} (or MySQL's spelling of them).`);
  }
  return mode;
}

/** `ssl=true&sslmode=verify-full` is verify-full; `ssl=true&sslmode=disable` is a contradiction. */
function strongest(modes: readonly TlsMode[]): TlsMode | undefined {
  const different = new Set(modes);
  if (different.size > 1 && (different.has('disable') || different.has('prefer'))) {
    throw new Error('CLUSTERER_DB_URL: sslmode, ssl-mode and ssl contradict each other. Keep one.');
  }
  return MODES.findLast((mode) => different.has(mode));
}

function only(options: readonly Option[]): Option | undefined {
  const [first, second] = options;
  if (first !== undefined && second !== undefined) {
    throw new Error(`CLUSTERER_DB_URL: ${first[0]} and ${second[0]} are the same option. Keep one.`);
  }
  return first;
}

function authorities(option: Option | undefined, mode: TlsMode): { readonly ca?: string } {
  if (option !== undefined && option[1] !== 'system') return { ca: readPem(option, certificatesIn) };
  if (option !== undefined && mode !== 'verify-full') {
    throw new Error(`CLUSTERER_DB_URL: ${option[0]}=system needs sslmode=verify-full.`);
  }
  if (mode === 'verify-ca') {
    throw new Error(
      'CLUSTERER_DB_URL: sslmode=verify-ca needs sslrootcert (ssl-ca), the file of the certificate authority. verify-full works without it.',
    );
  }
  return {};
}

function pair(cert: Option | undefined, key: Option | undefined): { readonly cert?: string; readonly key?: string } {
  if (cert === undefined && key === undefined) return {};
  if (cert === undefined || key === undefined) {
    throw new Error('CLUSTERER_DB_URL: sslcert and sslkey must be given together.');
  }
  const texts = { cert: readPem(cert, certificatesIn), key: readPem(key, keyIn) };
  const fault = pairFault(cert[1], key[1], cert[0], key[0]);
  if (fault !== null) throw new Error(`CLUSTERER_DB_URL: ${fault}.`);
  return texts;
}

/** Returns the text of a file whose content `check` accepts. */
function readPem([name, path]: Option, check: (path: string) => unknown): string {
  try {
    check(path);
    return readFileSync(path, 'utf8');
  } catch (cause) {
    throw new Error(`CLUSTERER_DB_URL: ${name} ${cause instanceof Error ? cause.message : cause}.`, { cause });
  }
}
