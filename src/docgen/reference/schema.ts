import type { Schema } from './document.js';
import { Html, html, NOTHING, prose } from './html.js';

/** One line of a list of fields: a property, a parameter or a header. */
export interface Field {
  readonly name: string;
  /** Where it is, or empty for a property. */
  readonly place: string;
  readonly isRequired: boolean;
  readonly description: string;
  readonly schema: Schema;
}

/** The id of the section of a schema. */
export function anchorOf(name: string): string {
  return `schema-${name}`;
}

/** A schema as its type, its limits, and its fields. */
export function schemaBlock(schema: Schema): Html {
  return html`<p class="type">${typeOf(schema)}</p>${details(schema)}`;
}

/** A list of fields, each with its type, its limits, its description, and the fields in it. */
export function fieldList(fields: readonly Field[]): Html {
  if (fields.length === 0) return NOTHING;
  return html`<ul class="fields">${fields.map(fieldLine)}</ul>`;
}

/** An example, laid out as a client sees it. */
export function exampleBlock(example: unknown): Html {
  const text = typeof example === 'string' ? example : JSON.stringify(example, null, 2);
  return html`<pre tabindex="0"><code>${text}</code></pre>`;
}

function fieldLine({ name, place, isRequired, description, schema }: Field): Html {
  const notes = [place, isRequired ? 'required' : ''].filter((note) => note !== '').map((note) => `, ${note}`);
  const text = description === '' ? (schema.description ?? '') : description;
  return html`<li><code class="name">${name}</code> <span class="type">${typeOf(schema)}</span><span class="quiet">${notes.join('')}</span>
${text === '' ? NOTHING : html`<p>${prose(text)}</p>`}${details(schema)}</li>`;
}

/** The fields of a schema and of the schemas that it is made of. Those with a name have a section of their own. */
function details(schema: Schema): Html {
  const alternatives = (schema.anyOf ?? []).filter((one) => one.type !== 'null');
  const described = alternatives.length === 1 ? alternatives.map(({ description }) => description ?? '') : [];
  const parts = [
    ...described.filter((text) => text !== '').map((text) => html`<p>${prose(text)}</p>`),
    fieldList(propertiesOf(schema)),
    ...[...alternatives, ...(schema.items ? [schema.items] : [])].map(details),
    ...(schema.allOf ?? []).map(partBlock),
  ];
  return html`${parts}`;
}

/** One of the schemas that all apply. */
function partBlock(part: Schema): Html {
  if (part.$ref !== undefined) return html`<p>the fields of ${typeOf(part)}</p>`;
  return part.anyOf === undefined ? details(part) : html`<p>and one of:</p>${schemaBlock(part)}`;
}

function propertiesOf({ properties = {}, required = [] }: Schema): Field[] {
  return Object.entries(properties).map(([name, schema]) => {
    return { name, place: '', isRequired: required.includes(name), description: '', schema };
  });
}

/** The type of a schema in words, with its limits. */
function typeOf(schema: Schema): Html {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return html`<a href="#${anchorOf(name)}">${name}</a>`;
  }
  if (schema.enum !== undefined) return joined(schema.enum.map((value) => html`<code>${JSON.stringify(value)}</code>`));
  if (schema.anyOf !== undefined) return joined(distinct(schema.anyOf.map(typeOf)));
  if (schema.items !== undefined) return html`array of ${typeOf(schema.items)}${limitsOf(schema)}`;
  if (schema.type === undefined) return schema.properties || schema.allOf ? html`object` : html`any value`;
  return html`${schema.type}${limitsOf(schema)}`;
}

function joined(parts: readonly Html[]): Html {
  return new Html(parts.map(({ text }) => text).join(' or '));
}

function distinct(parts: readonly Html[]): Html[] {
  return [...new Set(parts.map(({ text }) => text))].map((text) => new Html(text));
}

function limitsOf(schema: Schema): Html {
  const limits = [
    schema.format,
    range(schema.minimum, schema.maximum, ''),
    range(schema.minLength, schema.maxLength, ' characters'),
    range(undefined, schema.maxItems, ' items'),
    schema.uniqueItems === true ? 'without duplicates' : undefined,
    schema.pattern === undefined ? undefined : `pattern ${schema.pattern}`,
    schema.default === undefined ? undefined : `default ${JSON.stringify(schema.default)}`,
  ].filter((limit) => limit !== undefined);
  return limits.length === 0 ? NOTHING : html` <span class="limits">(${limits.join('; ')})</span>`;
}

function range(least: number | undefined, most: number | undefined, unit: string): string | undefined {
  if (least === undefined && most === undefined) return undefined;
  if (most === undefined) return `at least ${least}${unit}`;
  if (least === undefined) return `at most ${most}${unit}`;
  return `${least} to ${most}${unit}`;
}
