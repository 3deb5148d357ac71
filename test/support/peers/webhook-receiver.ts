import { createHmac } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import Ajv2020 from 'ajv/dist/2020';
import addFormats from 'ajv-formats';
import openapi from '../../../openapi.yaml';
import { WEBHOOK_BODIES } from '../../../src/schemas/webhooks.js';
import { QUICK } from '../documents/quick-ajv.js';
import { Recorder } from './client.js';

export interface Received {
  readonly id: string;
  readonly timestamp: number;
  readonly signature: string;
  readonly contentType: string;
  readonly text: string;
  // biome-ignore lint/suspicious/noExplicitAny: tests read events field by field
  readonly body: any;
}

const receivers: WebhookReceiver[] = [];

const faults: string[] = [];

/** Made at the first event. */
let bodies: Ajv2020 | null = null;

/** Checks the body of an event against the section `webhooks` of openapi.yaml. Events may arrive when no test waits for them, so faults are collected. */
function check(body: { readonly type: keyof typeof WEBHOOK_BODIES }): void {
  if (bodies === null) {
    bodies = new Ajv2020(QUICK);
    addFormats(bodies);
    bodies.addSchema(openapi, 'document');
  }
  const { $id } = WEBHOOK_BODIES[body.type];
  if (bodies.validate(`document#/components/schemas/${$id}`, body)) return;
  faults.push(`${bodies.errorsText()}\n${JSON.stringify(body)}`);
}

/** Call once at the top of a test file. */
export function closeReceiversAfterEach(): void {
  afterEach(async () => {
    await Promise.all(receivers.splice(0).map((receiver) => receiver.close()));
    expect(faults.splice(0)).toEqual([]);
  });
}

/** Receives webhooks over HTTP on loopback, and answers as the test says. */
export class WebhookReceiver {
  readonly requests = new Recorder<Received>();
  /** Null: a request gets no response. */
  answer: ((request: Received, response: ServerResponse) => void) | null = (_, response) => {
    response.writeHead(204).end();
  };

  private constructor(private readonly server: Server) {
    server.on('request', (request, response) => void this.receive(request, response));
  }

  static async open(): Promise<WebhookReceiver> {
    const server = createServer().listen(0, '127.0.0.1');
    await once(server, 'listening');
    const receiver = new WebhookReceiver(server);
    receivers.push(receiver);
    return receiver;
  }

  get url(): string {
    return `http://127.0.0.1:${(this.server.address() as AddressInfo).port}/hook`;
  }

  async close(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  private async receive(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const parts: Buffer[] = [];
    for await (const part of request) parts.push(part);
    const text = Buffer.concat(parts).toString();
    const header = (name: string) => String(request.headers[name]);
    const received = {
      id: header('webhook-id'),
      timestamp: Number(header('webhook-timestamp')),
      signature: header('webhook-signature'),
      contentType: header('content-type'),
      text,
      body: JSON.parse(text),
    };
    check(received.body);
    this.requests.add(received);
    this.answer?.(received, response);
  }
}

/** Whether one of the signatures is that of the secret, by the definition of Standard Webhooks. */
export function isSignedWith(secret: string, { id, timestamp, text, signature }: Received): boolean {
  const key = Buffer.from(secret.slice('whsec_'.length), 'base64');
  const expected = createHmac('sha256', key).update(`${id}.${timestamp}.${text}`).digest('base64');
  return signature.split(' ').includes(`v1,${expected}`);
}
