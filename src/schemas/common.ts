import { type Static, type TSchema, type TUnsafe, Type } from 'typebox';

/** Ids of clusters, machines and rows fit a signed 32-bit integer, as on the wire. */
export const LARGEST_ID = 2 ** 31 - 1;

export function Id(description: string) {
  return Type.Integer({ minimum: 1, maximum: LARGEST_ID, description });
}

/** A string out of a list. */
export function Choice<const T extends readonly string[]>(values: T, description: string): TUnsafe<T[number]> {
  return Type.Unsafe<T[number]>({ type: 'string', enum: [...values], description });
}

export function OrNull<T extends TSchema>(schema: T) {
  return Type.Union([schema, Type.Null()]);
}

/** Gives a schema the name under which the document lists it. */
export function named<T extends TSchema>(name: string, schema: T): T & { readonly $id: string } {
  return Object.assign(schema, { $id: name });
}

/** Refers to a named schema, keeping its type. */
export function ref<T extends TSchema>(schema: T & { readonly $id: string }): TUnsafe<Static<T>> {
  return Type.Unsafe<Static<T>>({ $ref: `${schema.$id}#` });
}

/** What a schema says of itself. */
export function descriptionOf(schema: TSchema): string {
  return 'description' in schema ? String(schema.description) : '';
}

export const ClusterParams = Type.Object({ cluster_id: Id('cluster') });

export const MachineParams = Type.Object({
  cluster_id: Id('cluster'),
  machine_id: Id('machine within the cluster'),
});

export const ProtocolName = Type.String({ minLength: 1, maxLength: 16, description: "scheme of the machine's url" });
