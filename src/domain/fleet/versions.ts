import type { Family } from '../../wire/cluster/family.js';
import { isKnownVersion } from '../../wire/modules/layouts.js';
import { safeVersion } from '../../wire/modules/safe-version.js';

/** Which version of each capability's packets a machine understands (F10). */
export class Versions {
  private readonly seen = new Map<string, number>();

  /** That of its last packet; 0 if there was none. */
  last(capability: string): number {
    return this.seen.get(capability) ?? 0;
  }

  /** Whether this is the version of its last packet. */
  isLast(capability: string, version: number): boolean {
    return this.seen.get(capability) === version;
  }

  /** It sent a packet. Versions without a table do not count: nothing could be checked against them. */
  saw(capability: string, version: number): void {
    if (isKnownVersion('2.4', capability, version)) this.seen.set(capability, version);
  }

  /** The version to send. `family`: that of the machine; null if it is not known. */
  toSend(capability: string, family: Family | null): number {
    return this.seen.get(capability) ?? (family === null ? 1 : safeVersion(capability, family));
  }
}
