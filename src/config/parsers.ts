import ipaddr from 'ipaddr.js';
import { certificatesIn, keyIn } from '../security/certificates.js';
import { canonicalIp, parseNetwork } from '../wire/address.js';
import { parseDatabaseUrl } from './database-url.js';

// Each reads the text of a variable, and throws an Error that says what the value must be; never what it is, where it may be a secret.

export function integer(smallest: number, largest: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= smallest && value <= largest) return value;
    throw new Error(`must be a whole number from ${smallest} to ${largest}`);
  };
}

/** The largest of the table's and of JavaScript timers' integers. */
export const LARGEST_INT = 2 ** 31 - 1;
export const port = integer(0, 65_535);
/** Null where there shall be none. */
export function portOrNone(text: string): number | null {
  return text === '' ? null : port(text);
}

/** The path of a file of certificates in PEM that can be read; empty for none. */
export function certificateFile(path: string): string {
  if (path !== '') certificatesIn(path);
  return path;
}

/** The same for a private key. */
export function keyFile(path: string): string {
  if (path !== '') keyIn(path);
  return path;
}

export const count = integer(1, LARGEST_INT);
/** A duration in milliseconds that a Node timer can hold. */
export const milliseconds = integer(1, LARGEST_INT);

export function text(value: string): string {
  return value;
}

export function switchedOn(value: string): boolean {
  if (value !== '0' && value !== '1') throw new Error('must be 0 or 1');
  return value === '1';
}

export function name(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new Error('must not hold control characters');
  return value;
}

/** A dot would be a part of the name: the connection decides in which schema or database the table is. */
export function tableName(value: string): string {
  const [, outer = '', table = ''] = /^(.*)\.([^.]*)$/s.exec(name(value).replace(/["`]/g, '')) ?? [];
  if (!value.includes('.')) return value;
  throw new Error(
    `must be a table's name alone, as ${table}. Name what is before the dot in CLUSTERER_DB_URL: ?schema=${outer} for PostgreSQL, or ${outer} as the database for MySQL and MariaDB`,
  );
}

export function databaseUrl(value: string): string {
  parseDatabaseUrl(value);
  return value;
}

/** The entries of a comma-separated list, without the empty ones. */
function listed(value: string): string[] {
  const entries = value.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

export function networks(value: string): string[] {
  const entries = listed(value);
  const wrong = entries.find((entry) => parseNetwork(entry) === null);
  if (wrong !== undefined)
    throw new Error(`must be networks as 10.0.0.0/8, comma-separated; ${JSON.stringify(wrong)} is none`);
  return entries;
}

/** As browsers spell them in the header `Origin`. */
export function origins(value: string): string[] {
  return listed(value).map(originOf);
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (!isOrigin || text.includes('*') || text.endsWith('/')) {
    // A user and a password before an @ are for nobody's eyes.
    const shown = JSON.stringify(text.replace(/.*@/s, '…@'));
    throw new Error(
      `must be origins as https://ops.example or http://10.0.0.1:3000, comma-separated; ${shown} is none`,
    );
  }
  return url.origin;
}

export const LEVELS = ['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'] as const;

export const LOG_FORMATS = ['auto', 'json', 'pretty'] as const;

export function oneOf<const T extends string>(values: readonly T[]): (text: string) => T {
  return (text) => {
    const value = values.find((one) => one === text);
    if (value === undefined) throw new Error(`must be one of ${values.join(', ')}`);
    return value;
  };
}

export function isLoopback(host: string): boolean {
  const ip = canonicalIp(host);
  return host === 'localhost' || (ip !== null && ipaddr.parse(ip).range() === 'loopback');
}
