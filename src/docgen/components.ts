import type { TSchema } from 'typebox';

/** Part of a document. */
export type Json = Readonly<Record<string, unknown>>;

/** The schemas of a document by name; those that refer to each other by `$id` are taken in from the ones that are known. */
export class Components {
  private readonly taken = new Map<string, Json>();
  private readonly known: ReadonlyMap<string, TSchema>;

  /** @param named schemas with an `$id` */
  constructor(named: readonly TSchema[]) {
    this.known = new Map(named.map((schema) => [idOf(schema) ?? '', schema]));
  }

  /** By name. */
  get schemas(): Json {
    return Object.fromEntries([...this.taken].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** A reference to the schema, under its own name where it has one. */
  refer(schema: TSchema, name: string): Json {
    const known = idOf(schema) ?? name;
    if (!this.taken.has(known)) {
      // Its place is taken first, since schemas may refer to each other in a circle.
      this.taken.set(known, {});
      this.taken.set(known, this.inline(schema));
    }
    return { $ref: `#/components/schemas/${known}` };
  }

  /** The schema as plain JSON. @throws Error for a reference to a schema that is not known */
  inline(schema: TSchema): Json {
    return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
      if (key === '$ref' && typeof value === 'string' && value.endsWith('#')) return this.referById(value.slice(0, -1));
      if (isNamed(value)) {
        const { $id, ...anonymous } = value;
        return anonymous;
      }
      return value;
    });
  }

  private referById(id: string): unknown {
    const schema = this.known.get(id);
    if (schema === undefined) throw new Error(`no schema has the name ${id}`);
    return this.refer(schema, id).$ref;
  }
}

function idOf(schema: TSchema): string | undefined {
  return '$id' in schema && typeof schema.$id === 'string' ? schema.$id : undefined;
}

function isNamed(value: unknown): value is { readonly $id: string } {
  return typeof value === 'object' && value !== null && '$id' in value;
}
