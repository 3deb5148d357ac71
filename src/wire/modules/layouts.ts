import type { Family } from '../cluster/family.js';
import type { DialectId } from '../dialects/dialect-id.js';
import { B2B_ENTITIES } from './b2b-entities.js';
import { CACHEDB_LOCAL } from './cachedb-local.js';
import { DIALOG, DIALOG_22, DIALOG_PROFILES } from './dialog.js';
import type { Layout } from './layout.js';
import { PRESENCE, PUA } from './presence.js';
import { RATELIMIT, RATELIMIT_22 } from './ratelimit.js';
import { DISPATCHER, DROUTING, LOAD_BALANCER } from './status.js';
import { USRLOC, USRLOC_22 } from './usrloc.js';

/** Every packet that has a table. `tm-repl` has none: its packets contain the memory of one platform. */
export const LAYOUTS = [
  ...USRLOC_22,
  ...DIALOG_22,
  ...RATELIMIT_22,
  ...USRLOC,
  ...DIALOG,
  ...DIALOG_PROFILES,
  ...RATELIMIT,
  ...DISPATCHER,
  ...DROUTING,
  ...LOAD_BALANCER,
  ...CACHEDB_LOCAL,
  ...PRESENCE,
  ...PUA,
  ...B2B_ENTITIES,
] as const;

const byModule = new Map<string, Layout[]>();
for (const layout of LAYOUTS) {
  const key = moduleKey(layout.dialect, layout.module);
  const layouts = byModule.get(key);
  if (layouts === undefined) byModule.set(key, [layout]);
  else layouts.push(layout);
}

function moduleKey(dialect: DialectId, module: string): string {
  return `${dialect} ${module}`;
}

/** All layouts of all modules. */
export function allLayouts(): readonly Layout[] {
  return LAYOUTS;
}

interface Wanted {
  readonly dialect: DialectId;
  readonly module: string;
  readonly version: number;
  /** The wire family of the machine that sends or receives the packet, if known. */
  readonly family?: Family | null;
}

/**
 * Returns the layouts that a packet may have, in the order in which they are tried; none for modules, versions and types without a table.
 * There are several where releases write different fields with one version; `family` excludes some of them.
 */
export function layoutsOf(wanted: Wanted & { readonly packetType: number }): readonly Layout[] {
  return wantedLayouts(wanted).filter(({ packetType }) => packetType === wanted.packetType);
}

/** Returns the layouts of the packet with this name, as `layoutsOf` does. They may differ in the packet type, too. */
export function layoutsNamed(wanted: Wanted & { readonly name: string }): readonly Layout[] {
  return wantedLayouts(wanted).filter(({ name }) => name === wanted.name);
}

function wantedLayouts({ dialect, module, version, family = null }: Wanted): Layout[] {
  const layouts = byModule.get(moduleKey(dialect, module)) ?? [];
  return layouts.filter((layout) => {
    const isFamily = family === null || layout.families === null || layout.families.includes(family);
    return isFamily && (!layout.isVersionChecked || layout.versions.includes(version));
  });
}

/** Whether there is a table for this version of the module's packets. */
export function isKnownVersion(dialect: DialectId, module: string, version: number): boolean {
  return byModule.get(moduleKey(dialect, module))?.some(({ versions }) => versions.includes(version)) ?? false;
}

/** Returns the versions of a module for which there are tables, in ascending order; none for modules without tables. */
export function versionsOf(dialect: DialectId, module: string): readonly number[] {
  const versions = (byModule.get(moduleKey(dialect, module)) ?? []).flatMap((layout) => layout.versions);
  return [...new Set(versions)].sort((a, b) => a - b);
}
