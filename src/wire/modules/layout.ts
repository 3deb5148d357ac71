import type { Family } from '../cluster/family.js';
import type { DialectId } from '../dialects/dialect-id.js';
import type { Fields } from './field.js';

/** What a module writes in one packet. */
export interface Layout<N extends string = string, F extends Fields = Fields, M extends string = string> {
  readonly dialect: DialectId;
  /** In dialect 2.4 the capability. */
  readonly module: M;
  readonly name: N;
  readonly packetType: number;
  readonly versions: readonly number[];
  /** The daemons check the version. If not, the layout holds for any version, and `versions` is what they send. */
  readonly isVersionChecked: boolean;
  /** The releases that send it, where the version does not say it; otherwise empty. */
  readonly releases: string;
  /** The wire families that send it; null: all. */
  readonly families: readonly Family[] | null;
  readonly fields: F;
}

/** The packets of one module. Several layouts of one packet are in the order in which they are tried: the one with the most fields first. */
export type ModuleTable = readonly Layout[];

interface About {
  readonly versions?: readonly number[];
  readonly releases?: string;
  readonly families?: readonly Family[];
}

/** Describes the packets of a module. `check`: whether its daemons check the version. */
export function moduleOf<const M extends string>(dialect: DialectId, module: M, check: 'checked' | 'unchecked') {
  return function packet<const N extends string, const F extends Fields>(
    name: N,
    packetType: number,
    fields: F,
    { versions = [1], releases = '', families }: About = {},
  ): Layout<N, F, M> {
    const isVersionChecked = check === 'checked';
    return {
      dialect,
      module,
      name,
      packetType,
      versions,
      isVersionChecked,
      releases,
      families: families ?? null,
      fields,
    };
  };
}
