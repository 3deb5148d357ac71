import { BlockList } from 'node:net';
import ipaddr from 'ipaddr.js';
import { certificatesIn, keyIn } from '../security/certificates.js';
import { canonicalIp, parseNetwork } from '../wire/address.js';
import { listedFieldNames } from '../wire/modules/listing.js';
import { parseDatabaseUrl } from './database-url.js';

// Each reads the text of a variable. It throws an Error that says what the value must be, without the value where that may be secret.

export function integer(smallest: number, largest: number): (text: string) => number {
  return (text) => {
    const value = /^-?\d{1,16}$/.test(text) ? Number(text) : Number.NaN;
    if (value >= smallest && value <= largest) return value;
    throw new Error(`must be a whole number from ${smallest} to ${largest}`);
  };
}

/** The largest integer of the table's columns and of JavaScript timers. */
export const LARGEST_INT = 2 ** 31 - 1;
export const port = integer(0, 65_535);
/** Null: no listener. */
export function portOrNone(text: string): number | null {
  return text === '' ? null : port(text);
}

/** The path of a readable PEM file with certificates; empty: none. */
export function certificateFile(path: string): string {
  if (path !== '') certificatesIn(path);
  return path;
}

/** The path of a readable PEM file with a private key; empty: none. */
export function keyFile(path: string): string {
  if (path !== '') keyIn(path);
  return path;
}

export const count = integer(1, LARGEST_INT);
/** A duration that a Node timer can hold. */
export const milliseconds = integer(1, LARGEST_INT);

export function text(value: string): string {
  return value;
}

export function switchedOn(value: string): boolean {
  if (value !== '0' && value !== '1') throw new Error('must be 0 or 1');
  return value === '1';
}

export function onOrOff(value: string): boolean {
  if (value !== 'on' && value !== 'off') throw new Error('must be on or off');
  return value === 'on';
}

/** Names of fields of module packets. One that no packet has is a mistake, which would show what should be hidden. */
export function fieldNames(value: string): ReadonlySet<string> {
  const names = listed(value);
  const known = listedFieldNames();
  const unknown = names.filter((one) => !known.has(one));
  if (unknown.length === 0) return new Set(names);
  const shown = unknown.map((one) => JSON.stringify(one)).join(', ');
  throw new Error(`must be names of fields of docs/layouts.md, comma-separated; no packet has ${shown}`);
}

export function name(value: string): string {
  if (/\p{Cc}/u.test(value)) throw new Error('must not contain control characters');
  return value;
}

/** A name without a dot: the connection, not the name, selects the schema or database. */
export function tableName(value: string): string {
  const [, outer = '', table = ''] = /^(.*)\.([^.]*)$/s.exec(name(value).replace(/["`]/g, '')) ?? [];
  if (!value.includes('.')) return value;
  throw new Error(
    `must be the name of a table without its schema, such as ${table}. Put the part before the dot into CLUSTERER_DB_URL: ?schema=${outer} for PostgreSQL, or ${outer} as the database for MySQL and MariaDB`,
  );
}

export function databaseUrl(value: string): string {
  parseDatabaseUrl(value);
  return value;
}

/** The entries of a comma-separated list, without empty ones. */
export function listed(value: string): string[] {
  const entries = value.split(',').map((entry) => entry.trim());
  return entries.filter((entry) => entry !== '');
}

/** CIDR networks and single addresses; null: none are given. */
export function networks(value: string): BlockList | null {
  const entries = listed(value);
  const list = new BlockList();
  for (const entry of entries) addNetwork(list, entry);
  return entries.length === 0 ? null : list;
}

function addNetwork(list: BlockList, entry: string): void {
  const network = parseNetwork(entry);
  if (network === null) {
    throw new Error(
      `must be networks such as 10.0.0.0/8 or fd00::/8, comma-separated; ${JSON.stringify(entry)} is not one`,
    );
  }
  list.addSubnet(network.ip, network.prefix, network.ip.includes(':') ? 'ipv6' : 'ipv4');
}

/** In the spelling that browsers use in the header `Origin`. */
export function origins(value: string): string[] {
  return listed(value).map(originOf);
}

function originOf(text: string): string {
  const url = URL.canParse(text) ? new URL(text) : null;
  const isOrigin = url !== null && /^https?:$/.test(url.protocol) && url.href === `${url.origin}/`;
  if (!isOrigin || text.includes('*') || text.endsWith('/')) {
    // What is before an @ may be a password.
    const shown = JSON.stringify(text.replace(/.*@/s, '…@'));
    throw new Error(
      `must be origins such as https://ops.example or http://10.0.0.1:3000, comma-separated; ${shown} is not one`,
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
