import type { TSchema } from '../schemas/typebox.js';

/** Part of a document. */
export type Json = Readonly<Record<string, unknown>>;

/** Collects the schemas of a document by name. A reference to an `$id` adds the known schema of that name. */
export class Components {
  private readonly taken = new Map<string, Json>();
  private readonly known: ReadonlyMap<string, TSchema>;

  /** @param named schemas with an `$id` */
  constructor(named: readonly TSchema[]) {
    this.known = new Map(named.map((schema) => [idOf(schema) ?? '', schema]));
  }

  /** Sorted by name. */
  get schemas(): Json {
    return Object.fromEntries([...this.taken].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Returns a reference to the schema, and adds it: under its own name if it has one, otherwise under `name`. */
  refer(schema: TSchema, name: string): Json {
    const known = idOf(schema) ?? name;
    if (!this.taken.has(known)) {
      // Reserved first, since schemas may refer to each other in a circle.
      this.taken.set(known, {});
      this.taken.set(known, this.inline(schema));
    }
    return { $ref: `#/components/schemas/${known}` };
  }

  /** Returns the schema as plain JSON, with references to the named schemas in it. @throws Error for a reference to an unknown schema */
  inline(schema: TSchema): Json {
    return JSON.parse(JSON.stringify(schema), (key, value: unknown) => {
      if (key === '$ref' && typeof value === 'string' && value.endsWith('#')) return this.referById(value.slice(0, -1));
      if (!isNamed(value)) return value;
      const { $id, ...anonymous } = value;
      return key === '' ? anonymous : this.add($id, anonymous);
    });
  }

  private add(name: string, schema: Json): Json {
    if (!this.taken.has(name)) this.taken.set(name, schema);
    return { $ref: `#/components/schemas/${name}` };
  }

  private referById(id: string): unknown {
    const schema = this.known.get(id);
    if (schema === undefined) throw new Error(`unknown schema ${id}`);
    return this.refer(schema, id).$ref;
  }
}

function idOf(schema: TSchema): string | undefined {
  return '$id' in schema && typeof schema.$id === 'string' ? schema.$id : undefined;
}

function isNamed(value: unknown): value is { readonly $id: string } {
  return typeof value === 'object' && value !== null && '$id' in value;
}
