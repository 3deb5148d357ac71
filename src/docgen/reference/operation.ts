import type { Body, Operation } from './document.js';
import { type Html, html, NOTHING, prose } from './html.js';
import { exampleBlock, fieldList, schemaBlock } from './schema.js';

/** The section of an operation. Its id is the operation's own. */
export function operationSection(method: string, path: string, operation: Operation): Html {
  const { operationId, summary, description = '', parameters = [], requestBody, responses, security } = operation;
  const isOpen = security?.length === 0;
  return html`
<article id="${operationId}">
<h3><span class="method" data-method="${method}">${method.toUpperCase()}</span> <code>${path}</code></h3>
<p>${prose(summary)}. <span class="quiet">Operation <code>${operationId}</code>${isOpen ? ', open: without a token' : ''}</span></p>
${description === '' ? NOTHING : html`<p>${prose(description)}</p>`}
${parameters.length === 0 ? NOTHING : html`<h4>Parameters</h4>`}
${fieldList(
  parameters.map(({ name, in: place, required = false, description: about = '', schema }) => {
    return { name, place, isRequired: required, description: about, schema };
  }),
)}
${requestBody === undefined ? NOTHING : html`<h4>Body</h4>${bodyBlock(requestBody)}`}
<h4>Responses</h4>
${Object.entries(responses).map(([status, body]) => response(status, body))}
</article>`;
}

function response(status: string, body: Body): Html {
  const title = html`<b>${status}</b> ${prose(body.description ?? '')}`;
  if (body.content === undefined && body.headers === undefined) return html`<p class="bare">${title}</p>`;
  const isSuccess = status.startsWith('2');
  return html`<details${isSuccess ? html` open` : NOTHING}><summary>${title}</summary>${bodyBlock(body)}</details>`;
}

function bodyBlock({ headers = {}, content = {} }: Body): Html {
  const fields = Object.entries(headers).map(([name, { required = false, description = '', schema }]) => {
    return { name, place: 'header', isRequired: required, description, schema };
  });
  const media = Object.entries(content).map(([mediaType, { schema, example }]) => {
    return html`<p class="media"><code>${mediaType}</code></p>${schemaBlock(schema)}${exampleBlock(example)}`;
  });
  return html`${fieldList(fields)}${media}`;
}
