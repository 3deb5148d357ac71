import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import { QUICK } from './quick-ajv.js';

interface Operation {
  readonly responses: Readonly<Record<string, { readonly content?: Readonly<Record<string, unknown>> }>>;
}

const read = new Map<string, Document>();

/** The document of this JSON text. Services of one test file share it: its compiled schemas take longer than their starts. */
export function documentOf(text: string): Document {
  const document = read.get(text) ?? new Document(JSON.parse(text));
  read.set(text, document);
  return document;
}

/** Checks responses against an OpenAPI document. */
export class Document {
  private readonly ajv = new Ajv2020(QUICK);
  private readonly paths: readonly { readonly pattern: RegExp; readonly path: string }[];

  constructor(private readonly document: { readonly paths: Readonly<Record<string, Record<string, Operation>>> }) {
    addFormats(this.ajv);
    this.ajv.addSchema(document, 'document');
    this.paths = Object.keys(document.paths).map((path) => ({
      path,
      pattern: new RegExp(`^${path.replaceAll(/\{[^}]+\}/g, '[^/]+')}/?$`),
    }));
  }

  /** Ignores paths that the document does not list. @throws Error when the document does not describe this response */
  check(method: string, url: string, status: number, contentType: string | null, body: unknown): void {
    const pathname = url.split('?')[0] ?? '';
    const path = this.paths.find(({ pattern }) => pattern.test(pathname))?.path;
    const operation = path === undefined ? undefined : this.document.paths[path]?.[method.toLowerCase()];
    if (path === undefined || operation === undefined) return;
    const where = `${method} ${path} ${status}`;
    const key = operation.responses[status] !== undefined ? String(status) : 'default';
    const response = operation.responses[key];
    if (response === undefined || (key === 'default' && status < 400)) throw new Error(`${where} is not documented`);
    if (contentType === null) {
      if (response.content !== undefined && status !== 304) throw new Error(`${where} should have a body`);
      return;
    }
    const media = contentType.split(';')[0] ?? '';
    if (response.content?.[media] === undefined) throw new Error(`${where} does not document ${media}`);
    const pointer = ['paths', path, method.toLowerCase(), 'responses', key, 'content', media, 'schema'].map(
      pointerPart,
    );
    const validate = this.ajv.getSchema(`document#/${pointer.join('/')}`);
    if (validate === undefined) throw new Error(`${where} has no schema for ${media}`);
    if (!validate(body)) throw new Error(`${where} breaks the document: ${this.ajv.errorsText(validate.errors)}`);
  }
}

function pointerPart(part: string): string {
  return encodeURIComponent(part.replaceAll('~', '~0').replaceAll('/', '~1'));
}
