import type { FieldFault } from '../ground/errors.js';
import { type Static, type TSchema, type TUnsafe, Type } from './typebox.js';
import { LARGEST_ID } from './values.js';

/** The number of a change. */
export const ChangeSeq = Type.Integer({ minimum: 1, description: 'increases by 1 with every change in this process' });

export function Id(description: string) {
  return Type.Integer({ minimum: 1, maximum: LARGEST_ID, description });
}

/** One string of a list. */
export function Choice<const T extends readonly string[]>(values: T, description: string): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description });
}

/** RFC 3339, with a time zone. */
export function DateTime(description: string) {
  return Type.String({ format: 'date-time', description });
}

/** What a text may contain, by the words of the error for any other. */
export const PATTERNS = {
  /** Not every database can store U+0000. */
  'must not contain the character U+0000': '^[^\\u0000]*$',
  'must be printable ASCII without spaces': '^[!-~]+$',
  'must be printable ASCII without spaces and slashes': '^[!-.0-~]+$',
} as const;

/** A text that every database can store. */
export function Text(maxLength: number, options: { readonly minLength?: number; readonly description?: string } = {}) {
  return Type.String({ maxLength, pattern: PATTERNS['must not contain the character U+0000'], ...options });
}

/** Key of a schema: a check of what depends on several fields. Documents do not show it. */
export const RULE = Symbol('rule');

/** Returns the invalid fields of an object. Each may have any type: the other faults are found at the same time. */
export type Rule = (value: Readonly<Record<string, unknown>>) => readonly FieldFault[];

export function OrNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** Names a schema; the documents list it under this name. */
export function named<T extends TSchema>(name: string, schema: T): T & { readonly $id: string } {
  return Object.assign(schema, { $id: name });
}

/** Refers to a named schema and keeps its type. */
export function ref<T extends TSchema>(schema: T & { readonly $id: string }): TUnsafe<Static<T>> {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}

export function descriptionOf(schema: TSchema): string {
  return 'description' in schema ? String(schema.description) : '';
}

/** Returns the first example of a schema. The OpenAPI document shows it with every body and response. */
export function exampleOf(schema: TSchema): unknown {
  return 'examples' in schema && Array.isArray(schema.examples) ? schema.examples[0] : undefined;
}

export const ClusterParams = Type.Object({ cluster_id: Id('cluster') });

export const MachineParams = Type.Object({
  cluster_id: Id('cluster'),
  machine_id: Id('machine within the cluster'),
});

export const ProtocolName = Type.String({ minLength: 1, maxLength: 16, description: "scheme of the machine's URL" });
