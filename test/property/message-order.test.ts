import fc from 'fast-check';
import { Batches } from '../../src/nats/batches.js';
import { decodeMessage } from '../../src/nats/message.js';
import { MessageOrder } from '../../src/nats/message-order.js';

/** What happens to a publisher: it publishes, sends, gets acknowledgements, or starts again at the first message without one. */
type Step = { readonly publisher: number } & (
  | { readonly does: 'publish' | 'acknowledge' | 'rewind' }
  | { readonly does: 'send'; readonly isStored: boolean }
);

const step: fc.Arbitrary<Step> = fc.record({
  publisher: fc.nat({ max: 2 }),
  does: fc.constantFrom(
    'publish' as const,
    'publish' as const,
    'send' as const,
    'acknowledge' as const,
    'rewind' as const,
  ),
  isStored: fc.boolean(),
});

/** A publisher as `Publisher`, without a connection. A message that the log does not store is lost on the way. */
class Sender {
  readonly published: string[] = [];
  readonly batches = new Batches();
  /** Whether each batch that was sent since the last rewind is stored. */
  private transmissions: boolean[] = [];

  constructor(
    private readonly incarnation: Buffer,
    private readonly log: Buffer[],
  ) {}

  publish(): void {
    const text = `${this.published.length}`;
    this.published.push(text);
    this.batches.add(Buffer.from(text));
  }

  send(isStored: boolean): void {
    const batch = this.batches.takeNext();
    if (batch === undefined) return;
    const bytes = batch.encoded(this.incarnation);
    if (isStored) this.log.push(bytes);
    this.transmissions.push(isStored);
  }

  /** Acknowledgements come in order, and only of what is stored; after a lost message none counts. */
  acknowledge(): void {
    if (this.transmissions[0] !== true) return;
    this.transmissions.shift();
    this.batches.removeFirst();
  }

  rewind(): void {
    this.batches.rewind();
    this.transmissions = [];
  }

  /** The network is good again. */
  finish(): void {
    this.rewind();
    while (this.batches.length > 0) {
      this.send(true);
      this.acknowledge();
    }
  }
}

function counted(log: readonly Buffer[], restartEvery: number): Map<string, string[]> {
  const texts = new Map<string, string[]>();
  let order = new MessageOrder();
  for (const [index, bytes] of log.entries()) {
    const { incarnation, n, parts } = decodeMessage(bytes);
    // A replica that starts from a snapshot.
    if (index % restartEvery === 0) order = new MessageOrder(JSON.parse(JSON.stringify(order.state())));
    if (!order.accept(incarnation, n)) continue;
    const list = texts.get(incarnation) ?? [];
    list.push(...parts.map(String));
    texts.set(incarnation, list);
  }
  return texts;
}

test('each message of each publisher counts once and in order, whatever is lost, repeated and interleaved', () => {
  fc.assert(
    fc.property(fc.array(step, { maxLength: 300 }), fc.integer({ min: 1, max: 20 }), (steps, restartEvery) => {
      const log: Buffer[] = [];
      const senders = [0, 1, 2].map((id) => new Sender(Buffer.alloc(8, id), log));
      for (const { publisher, ...what } of steps) {
        const sender = senders[publisher];
        if (what.does === 'send') sender?.send(what.isStored);
        else sender?.[what.does]();
      }
      for (const sender of senders) sender.finish();
      const texts = counted(log, restartEvery);
      senders.forEach((sender, id) => {
        expect(texts.get(Buffer.alloc(8, id).toString('base64url')) ?? []).toEqual(sender.published);
      });
    }),
  );
});

test('the order forgets the publisher that was silent for the longest time', () => {
  const order = new MessageOrder();
  order.accept('first', 1);
  for (let i = 0; i < 1_023; i++) order.accept(`other-${i}`, 1);
  expect(order.accept('first', 2)).toBe(true);
  order.accept('one-more', 1);
  expect(order.state()).toHaveLength(1_024);
  expect(order.accept('first', 3)).toBe(true);
  expect(order.accept('other-0', 2)).toBe(false);
});
