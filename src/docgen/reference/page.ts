import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { openapi } from '../openapi.js';
import type { Document, Operation, Schema } from './document.js';
import { Html, html, NOTHING, prose } from './html.js';
import { operationSection } from './operation.js';
import { anchorOf, exampleBlock, schemaBlock } from './schema.js';

const SOURCES = join(__dirname, '../../../src');
const STYLE_SHEETS = ['web/styles/colours.css', 'docgen/reference/reference.css'];

/** An operation with the method and the path that call it. */
interface Call {
  readonly method: string;
  readonly path: string;
  readonly operation: Operation;
}

/** The page that shows an OpenAPI document. */
export function referencePage(document: object): string {
  const { info, tags, paths, webhooks, components } = document as Document;
  const calls = [...callsOf(paths), ...callsOf(webhooks).map(withoutSecurity)];
  const groups = tags.map((tag) => ({
    ...tag,
    calls: calls.filter(({ operation }) => operation.tags[0] === tag.name),
  }));
  const schemas = Object.entries(components.schemas);
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${info.title} ${info.version}: REST reference</title>
<link rel="icon" href="data:image/svg+xml;base64,${readFileSync(join(SOURCES, 'web/static/icon.svg'), 'base64')}">
<style>${new Html(styleSheet())}</style>
</head>
<body>
<a class="skip" href="#content">Skip to content</a>
<header>
<h1>${info.title} <span class="quiet">${info.version}</span></h1>
<p>${prose(info.description)}</p>
<p><a href="./">Live page</a> · the same as <a href="openapi.yaml">OpenAPI in YAML</a> or <a href="openapi.json">JSON</a>, for programs</p>
</header>
<div class="columns">
<nav aria-label="Operations and schemas"><ul>
${groups.map(({ name, calls }) => html`<li><a href="#${tagAnchor(name)}">${name}</a><ul>${calls.map(callLink)}</ul></li>`)}
<li><a href="#schemas">schemas</a><ul>${schemas.map(([name]) => html`<li><a href="#${anchorOf(name)}">${name}</a></li>`)}</ul></li>
</ul></nav>
<main id="content" tabindex="-1">
${groups.map(
  ({ name, description, calls }) => html`
<section id="${tagAnchor(name)}">
<h2>${name}</h2>
<p>${prose(description)}</p>
${calls.map(({ method, path, operation }) => operationSection(method, path, operation))}
</section>`,
)}
<section id="schemas">
<h2>schemas</h2>
${schemas.map(([name, schema]) => schemaSection(name, schema))}
</section>
</main>
</div>
</body>
</html>
`.text;
}

function callsOf(paths: Document['paths']): Call[] {
  return Object.entries(paths).flatMap(([path, methods]) => {
    return Object.entries(methods).map(([method, operation]) => ({ method, path, operation }));
  });
}

/** A webhook is not open: its receiver decides. */
function withoutSecurity({ operation: { security, ...operation }, ...call }: Call): Call {
  return { ...call, operation };
}

/** Apart from the ids of operations. */
function tagAnchor(name: string): string {
  return `tag-${name}`;
}

function callLink({ method, path, operation }: Call): Html {
  return html`<li><a href="#${operation.operationId}"><span class="method" data-method="${method}">${method.toUpperCase()}</span> ${path}</a></li>`;
}

function schemaSection(name: string, schema: Schema): Html {
  const { description, examples = [] } = schema;
  return html`
<article id="${anchorOf(name)}">
<h3>${name}</h3>
${description === undefined ? NOTHING : html`<p>${prose(description)}</p>`}
${schemaBlock(schema)}${examples.map(exampleBlock)}
</article>`;
}

function styleSheet(): string {
  return STYLE_SHEETS.map((file) => readFileSync(join(SOURCES, file), 'utf8')).join('\n');
}

async function writePage(): Promise<void> {
  writeFileSync(join(SOURCES, 'web/static/reference.html'), referencePage(await openapi()));
}

if (require.main === module) void writePage();
