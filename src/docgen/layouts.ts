import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Field, Fields } from '../wire/modules/field.js';
import type { Layout } from '../wire/modules/layout.js';
import { allLayouts } from '../wire/modules/layouts.js';
import { hasSync } from '../wire/modules/sync.js';

const INTRODUCTION = `# Layouts of module packets

The fields that modules of OpenSIPS write in the payload of a packet, and their form in JSON: \`decode: true\` of \`register_module\`, and \`name\` with \`fields\` of \`send_to\` ([sockets.md](sockets.md#decoded-packets)). In dialect 2.4 the service also uses these layouts to check payloads before it sends them, and to choose their version. \`npm run openapi\` writes this page from the tables in [src/wire/modules](../src/wire/modules/README.md). \`GET /layouts\` returns the same as JSON.

Dialect 2.2 is that of OpenSIPS 2.2. Dialect 2.4 is that of OpenSIPS 2.4 to 4.0; there a module is called a capability. \`tm-repl\` has no layout, because its packets contain raw memory that depends on the platform.

## Types

| type | in the payload | in JSON |
|---|---|---|
| \`int\` | 4 bytes, signed, little-endian | a number |
| \`text\` | the length (4 bytes in dialect 2.2, 2 bytes in 2.4) and the bytes | text; \`{"base64": "…"}\` if the bytes are not UTF-8 |
| \`int64\` | a string of 8 raw bytes | a number; decimal text if JavaScript cannot represent it exactly |
| \`q\` | a string of 4 raw bytes, in thousandths | \`0.7\`; \`null\` for −1. \`q_raw\` is the number of thousandths |
| \`flags\` | an \`int\` | a list of names; \`<name>_raw\` is the whole number, with the bits that have no name |
| \`methods\` | an \`int\` | a list of SIP methods, or \`["all"]\` for −1; \`methods_raw\` is the number |
| \`flag_names\` | a string of names, separated by spaces | a list of names |
| \`contact_id\` | a string of 8 raw bytes | \`{"hash", "record_label", "contact_label", "raw"}\`; \`raw\` is decimal text |
| \`bytes\` | the rest of the payload | \`{"base64": "…"}\` |
| \`texts\` | an \`int\`, and as many strings | a list of text |
| \`object\` | its fields | an object |
| \`list\` | groups of fields, to the end of the payload | a list of objects |

**Encoding** accepts a value as its meaning (\`q\`), as the raw number (\`q_raw\`), or as both if they agree. A \`q\` outside 0 to 1, which no machine should have written, is accepted only as the raw number, or beside it. A contact id may be given by its parts, by its \`raw\`, or as a number.
A field with a default may be left out. A field that belongs only to other versions of the packet is ignored, so that the same object can be encoded for several releases. A field that no version has is an error; so is the name of a flag or a method that the version does not have.

**Several layouts.** Some releases write different fields under the same version. Each of these layouts is listed with its releases. They are tried in the order of this page, and the first one that matches the whole payload is used. If the wire family of the sender is known, its layouts are tried first.

**Variables of dialogs.** \`vars\` is \`name#value|…\` up to 3.3, and \`name#1#text|\` or \`name#2#number|\` from 3.4 on, in the same version. \`|\`, \`#\` and \`\\\` are escaped with \`\\\`.
`;

/** The page docs/layouts.md. */
export function layoutsPage(): string {
  const modules = new Map<string, Layout[]>();
  for (const layout of allLayouts()) {
    const key = `## ${layout.module} (dialect ${layout.dialect})`;
    modules.set(key, [...(modules.get(key) ?? []), layout]);
  }
  return [INTRODUCTION, ...[...modules].map(([title, layouts]) => section(title, layouts))].join('\n');
}

function section(title: string, layouts: readonly Layout[]): string {
  const notes: string[] = [];
  if (layouts.some((it) => !it.isVersionChecked)) notes.push('Daemons do not check the version.');
  if (layouts.some((it) => it.dialect === '2.4' && hasSync(it.module))) notes.push('Daemons can be asked for a sync.');
  return [title, '', ...(notes.length > 0 ? [notes.join(' '), ''] : []), ...layouts.map(packet)].join('\n');
}

function packet({ name, packetType, versions, releases, fields }: Layout): string {
  const which = `version${versions.length > 1 ? 's' : ''} ${versions.join(', ')}`;
  const rows = rowsOf(fields, '').join('\n');
  const from = releases === '' ? '' : `; OpenSIPS ${releases}`;
  return `### \`${name}\`: type ${packetType}, ${which}${from}\n\n| field | type | |\n|---|---|---|\n${rows}\n`;
}

/** A row for each field; those of groups with the path to them. */
function rowsOf(fields: Fields, path: string): string[] {
  return fields.flatMap((field) => {
    const { name, type } = field;
    const row = `| \`${path}${name}\` | \`${type.kind}\` | ${notesOf(field)} |`;
    const inner = type.kind === 'list' ? `${path}${name}[].` : `${path}${name}.`;
    return 'fields' in type ? [row, ...rowsOf(type.fields, inner)] : [row];
  });
}

function notesOf({ type, when, fallback }: Field): string {
  const notes: string[] = [];
  if ('about' in type && type.about !== '') notes.push(type.about);
  if (when !== undefined) notes.push(`only if \`${when.field}\` is ${when.is === 'not_empty' ? 'not empty' : when.is}`);
  if (fallback !== undefined) notes.push(`default \`${JSON.stringify(fallback)}\``);
  return notes.join('; ');
}

if (require.main === module) writeFileSync(join(__dirname, '../../docs/layouts.md'), layoutsPage());
