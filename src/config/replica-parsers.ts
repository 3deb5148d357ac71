import { randomBytes } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { hostname } from 'node:os';
import { listed } from './parsers.js';

// Each reads the text of a variable, as in parsers.ts.

/** Servers of NATS, each as a URL or as `host:port`. */
export function natsServers(value: string): string[] {
  const servers = listed(value);
  if (servers.every(isServer)) return servers;
  // A URL may contain a password.
  throw new Error('must be URLs such as nats://10.0.0.1:4222 or tls://nats.example:4222, comma-separated');
}

function isServer(text: string): boolean {
  const url = text.includes('://') ? text : `nats://${text}`;
  if (!URL.canParse(url)) return false;
  const { protocol, hostname: host, pathname, search, hash } = new URL(url);
  return /^(?:nats|tls):$/.test(protocol) && host !== '' && /^\/?$/.test(pathname) && search === '' && hash === '';
}

/** The path of a readable file; empty: none. What is in it is checked when it is used. */
export function credentialsFile(path: string): string {
  try {
    if (path !== '') readFileSync(path);
  } catch {
    throw new Error('must be the path of a readable file');
  }
  return path;
}

/** The stream has it in upper case, so two prefixes must not differ only by case. */
export function natsPrefix(value: string): string {
  if (/^[a-z0-9_-]{1,32}$/.test(value)) return value;
  throw new Error('must be 1 to 32 lower-case letters, digits, - and _');
}

/** A name that can be part of a subject of NATS. */
export function replicaName(value: string): string {
  if (value === '') return defaultName();
  if (value.length <= 64 && /^[\w-]+(?:\.[\w-]+)*$/.test(value)) return value;
  throw new Error('must be 1 to 64 letters, digits, - and _, with single dots between them');
}

function defaultName(): string {
  const host = hostname()
    .split('.')[0]
    ?.replace(/[^\w-]/g, '_')
    .slice(0, 50);
  return `${host || 'replica'}-${randomBytes(3).toString('hex')}`;
}
