import { type IncomingMessage, request } from 'node:http';
import { checkEvent } from '../documents/socket-document.js';

export interface StreamEvent {
  readonly id: string | null;
  readonly event: string;
  readonly retry: string | null;
  // biome-ignore lint/suspicious/noExplicitAny: tests read events field by field
  readonly data: any;
}

/** Reads Server-Sent Events as a browser does, without comments. */
export class EventStream {
  readonly events: StreamEvent[] = [];
  /** Resolves when the stream has ended, from either side. */
  readonly closed: Promise<void>;
  private readonly waiting = new Set<() => void>();
  private text = '';
  private readonly request;
  private response: IncomingMessage | null = null;

  private constructor(url: string, headers: Record<string, string>) {
    // A separate connection, which a test can leave unread.
    this.request = request(url, { headers, agent: false }).end();
    this.closed = new Promise((resolve) => this.request.once('close', resolve));
  }

  /** Resolves when the first event has arrived. */
  static async open(url: string, headers: Record<string, string> = {}): Promise<EventStream> {
    const stream = new EventStream(url, headers);
    stream.request.on('error', () => {});
    stream.request.once('response', (response) => {
      stream.response = response;
      response.on('error', () => {}).on('data', (chunk: Buffer) => stream.receive(String(chunk)));
    });
    await stream.first(1);
    return stream;
  }

  /** Resolves with that many events, once they have arrived. */
  async first(count: number): Promise<readonly StreamEvent[]> {
    while (this.events.length < count) await new Promise<void>((resolve) => this.waiting.add(resolve));
    return this.events.slice(0, count);
  }

  header(name: string): string | string[] | undefined {
    return this.response?.headers[name];
  }

  /** Stops reading until `resume`. */
  pause(): void {
    this.response?.pause();
  }

  resume(): void {
    this.response?.resume();
  }

  close(): void {
    this.request.destroy();
  }

  private receive(text: string): void {
    const blocks = (this.text + text).split('\n\n');
    this.text = blocks.pop() ?? '';
    for (const block of blocks.filter((one) => !one.startsWith(':'))) {
      const event = eventOf(block);
      checkEvent(event.event, event.data);
      this.events.push(event);
    }
    const waiting = [...this.waiting];
    this.waiting.clear();
    for (const wake of waiting) wake();
  }
}

function eventOf(block: string): StreamEvent {
  const lines = block.split('\n').map((line) => line.split(/: (.*)/));
  const field = (name: string) => lines.find(([one]) => one === name)?.[1] ?? null;
  return {
    id: field('id'),
    event: field('event') ?? 'message',
    retry: field('retry'),
    data: JSON.parse(field('data') ?? 'null'),
  };
}
