import type { DialectId } from '../dialects/dialect-id.js';
import type { Field, Fields } from './field.js';
import { allLayouts } from './layouts.js';

/** A field as programs see it. */
export interface ListedField {
  readonly name: string;
  /** As in docs/layouts.md. */
  readonly type: string;
  /** What the values stand for. */
  readonly about?: string;
  /** The field is there only if an earlier one has a certain value. */
  readonly conditional?: true;
  /** What is written if the field is missing. */
  readonly default?: unknown;
  /** Of types `object` and `list`. */
  readonly fields?: readonly ListedField[];
}

export interface ListedLayout {
  readonly dialect: DialectId;
  readonly module: string;
  readonly version: number;
  readonly packet_type: number;
  readonly name: string;
  /** Which releases write it, where the version does not say it. */
  readonly releases?: string;
  readonly fields: readonly ListedField[];
}

/** Returns an entry for each layout and version, in the order in which layouts are tried. Ready for `JSON.stringify`. */
export function listedLayouts(): ListedLayout[] {
  return allLayouts().flatMap(({ dialect, module, versions, packetType, name, releases, fields }) => {
    const entry = { packet_type: packetType, name, ...(releases !== '' && { releases }), fields: listedFields(fields) };
    return versions.map((version) => ({ dialect, module, version, ...entry }));
  });
}

/** Returns the names of all fields, those in groups included. */
export function listedFieldNames(): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { fields } of allLayouts()) addNames(names, fields);
  return names;
}

function addNames(names: Set<string>, fields: Fields): void {
  for (const { name, type } of fields) {
    names.add(name);
    if ('fields' in type) addNames(names, type.fields);
  }
}

function listedFields(fields: Fields): ListedField[] {
  return fields.map(listedField);
}

function listedField({ name, type, when, fallback }: Field): ListedField {
  return {
    name,
    type: type.kind,
    ...('about' in type && type.about !== '' && { about: type.about }),
    ...(when !== undefined && { conditional: true as const }),
    ...(fallback !== undefined && { default: fallback }),
    ...('fields' in type && { fields: listedFields(type.fields) }),
  };
}
