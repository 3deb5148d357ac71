import type { Machine } from './machine.js';

/** Versions in the sense of HTTP: `*` is any version of a machine that exists. */
export type Versions = '*' | readonly string[];

/** What a caller expects of a machine (`If-Match`, `If-None-Match`; S11). Null expects nothing. */
export interface Expected {
  readonly match: Versions | null;
  readonly noneMatch: Versions | null;
}

/** The expectation that does not hold. */
export type Unmet = 'match' | 'none_match';

/** Changes with what an operator provisions or sets, not with tries or with time. */
export function versionOf(machine: Machine): string {
  const { clustererId, url, description, failedAttempts, durationMs, state, drain, fleet } = machine;
  const drained = drain === null ? [] : [drain.reason, drain.until, drain.by, drain.since];
  const ofFleet = fleet === null ? [] : [fleet.priority, fleet.sipAddress];
  return hash(
    JSON.stringify([clustererId, url, description, failedAttempts, durationMs, state, ...drained, ...ofFleet]),
  );
}

/** Returns the expectation that `machine` (null: it does not exist) does not meet, or null. */
export function unmet({ match, noneMatch }: Expected, machine: Machine | null): Unmet | null {
  const version = machine === null ? null : versionOf(machine);
  if (match !== null && !includes(match, version)) return 'match';
  if (noneMatch !== null && includes(noneMatch, version)) return 'none_match';
  return null;
}

function includes(versions: Versions, version: string | null): boolean {
  return version !== null && (versions === '*' || versions.includes(version));
}

/** 64 bits, the same on every replica (cyrb53 by bryc, public domain). Not cryptographic: it only has to notice a change. */
function hash(text: string): string {
  let [a, b] = [0xdeadbeef, 0x41c6ce57];
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i);
    a = Math.imul(a ^ unit, 2_654_435_761);
    b = Math.imul(b ^ unit, 1_597_334_677);
  }
  a = Math.imul(a ^ (a >>> 16), 2_246_822_507) ^ Math.imul(b ^ (b >>> 13), 3_266_489_909);
  b = Math.imul(b ^ (b >>> 16), 2_246_822_507) ^ Math.imul(a ^ (a >>> 13), 3_266_489_909);
  return [a, b].map((lane) => (lane >>> 0).toString(16).padStart(8, '0')).join('');
}
