import type { MachineView } from '../../../../src/schemas/machine.js';
import type { WebhookEventType } from '../../../../src/schemas/webhooks.js';
import type { WebhookSecrets } from '../../../../src/security/webhook-secrets.js';
import type { Event } from '../../../../src/service/events/event.js';
import type { WebhookResponse } from '../../../../src/service/ports/webhook-sender.js';
import type { Delivery, DeliveryChange, WebhookStore } from '../../../../src/service/ports/webhook-store.js';
import { Webhooks } from '../../../../src/service/webhooks/webhooks.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';

const MINUTE_MS = 60_000;
const DAY_MS = 86_400_000;

const SECRETS = { sign: (id: string, timestamp: number) => `${id} at ${timestamp}` } as unknown as WebhookSecrets;

/** A table in memory that can become unavailable. */
class Table implements WebhookStore {
  readonly rows = new Map<number, DeliveryChange>();
  away = false;
  purged = 0;

  async load(): Promise<Delivery[]> {
    this.reach();
    const waiting = [...this.rows.values()].filter(({ outcome }) => outcome === null);
    return waiting.map(({ delivery }) => delivery).sort((a, b) => a.id - b.id);
  }

  async save(changes: readonly DeliveryChange[]): Promise<void> {
    this.reach();
    for (const change of changes) {
      if (change.outcome === 'delivered') this.rows.delete(change.delivery.id);
      else this.rows.set(change.delivery.id, change);
    }
  }

  async purge(before: number): Promise<void> {
    this.reach();
    this.purged = before;
  }

  private reach(): void {
    if (this.away) throw new Error('away');
  }
}

interface Request {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly machine: number;
  readonly n: number;
  respond(response: WebhookResponse): void;
}

const OK: WebhookResponse = { status: 204, retryAfter: null };
const status = (code: number, retryAfter: string | null = null): WebhookResponse => ({ status: code, retryAfter });

interface Options {
  readonly names?: readonly string[];
  readonly events?: readonly WebhookEventType[];
  readonly clock?: FakeClock;
}

/** Webhooks whose requests wait until the test responds, or get the response of `answer`. */
async function start(table: Table | null = new Table(), options: Options = {}) {
  const { names = ['pager'], events = ['drain'], clock = new FakeClock() } = options;
  const requests: Request[] = [];
  const lines: [string, object][] = [];
  const note = (fields: object, message: string) => void lines.push([message, fields]);
  const log = { debug: note, info: note, warn: note, error: note };
  const leadership = { replica: 'a', isReplica: true, isLeading: true };
  const answer: { with: ((request: Omit<Request, 'respond'>) => WebhookResponse) | null } = { with: null };
  const post = (url: string, headers: Readonly<Record<string, string>>, body: string, signal: AbortSignal) =>
    new Promise<WebhookResponse>((respond) => {
      const { machine_id, to } = JSON.parse(body).data;
      const request = { url, headers, machine: machine_id, n: Number(to.reason) };
      requests.push({ ...request, respond });
      signal.addEventListener('abort', () => respond({ error: 'aborted' }));
      if (answer.with !== null) respond(answer.with(request));
    });
  const settings = names.map((name) => ({ name, url: `http://${name}/`, events: new Set(events), secrets: SECRETS }));
  const webhooks = new Webhooks(settings, { store: table, sender: { post }, clock, log, leadership });
  const settle = async () => {
    for (let i = 0; i < 300; i++) await Promise.resolve();
  };
  const take = (machine_id: number, n: number) => {
    const to = { reason: String(n), until: null, by: null, since: 0, endsAt: null };
    const event: Event = { kind: 'drain', cluster_id: 1, machine_id, from: null, to, cause: 'operator', by: null };
    webhooks.take(event, () => ({}) as MachineView);
  };
  const pass = async (ms: number) => {
    clock.advance(ms);
    await settle();
  };
  const results = () =>
    Object.fromEntries([...webhooks.results.all()].map(({ labels, count }) => [labels.result, count]));
  const sent = () => requests.map(({ machine, n }) => `${machine}:${n}`);
  await webhooks.lead();
  await settle();
  return { webhooks, clock, requests, lines, leadership, answer, settle, take, pass, results, sent };
}

describe('a webhook', () => {
  it('gets a signed request with the event', async () => {
    const { take, settle, requests, results } = await start();
    take(2, 1);
    await settle();
    const [request] = requests;
    const id = request?.headers['webhook-id'];
    expect(request).toMatchObject({ url: 'http://pager/', machine: 2 });
    expect(id).toMatch(/^evt_\d+$/);
    expect(request?.headers).toEqual({
      'content-type': 'application/json',
      'webhook-id': id,
      'webhook-timestamp': '1800000000',
      'webhook-signature': `${id} at 1800000000`,
    });
    request?.respond(OK);
    await settle();
    expect(results()).toEqual({ delivered: 1 });
  });

  it('gets the events of a machine in order, one at a time, and those of others meanwhile', async () => {
    const { take, settle, requests, sent } = await start();
    take(2, 1);
    take(2, 2);
    take(3, 1);
    await settle();
    expect(sent()).toEqual(['2:1', '3:1']);
    requests[0]?.respond(OK);
    await settle();
    expect(sent()).toEqual(['2:1', '3:1', '2:2']);
  });

  it('gets eight requests at once', async () => {
    const { take, settle, requests, sent } = await start();
    for (let machine = 1; machine <= 20; machine++) take(machine, 1);
    await settle();
    expect(sent()).toHaveLength(8);
    requests[3]?.respond(OK);
    await settle();
    expect(sent()).toHaveLength(9);
  });

  it('gets only the events that it wants', async () => {
    const { take, settle, sent } = await start(new Table(), { events: ['node_state', 'tag'] });
    take(2, 1);
    await settle();
    expect(sent()).toEqual([]);
  });
});

describe('a failed request', () => {
  it.each([
    ['an error', { error: 'ECONNREFUSED' }],
    ['a redirect', status(302)],
    ['a server error', status(500)],
    ['a client error', status(404)],
  ])('with %s is repeated with the same id, later after each failure', async (_, response) => {
    const { take, settle, pass, requests, answer, results } = await start();
    answer.with = () => response;
    take(2, 1);
    await settle();
    for (const [i, seconds] of [5, 10, 20, 40, 80, 160, 300, 300].entries()) {
      expect(requests).toHaveLength(i + 1);
      await pass(seconds * 1000 - 1);
      expect(requests).toHaveLength(i + 1);
      await pass(1);
    }
    answer.with = () => OK;
    await pass(5 * MINUTE_MS);
    expect(requests).toHaveLength(10);
    expect(new Set(requests.map(({ headers }) => headers['webhook-id'])).size).toBe(1);
    expect(new Set(requests.map(({ headers }) => headers['webhook-timestamp'])).size).toBe(10);
    expect(results()).toEqual({ failed: 9, delivered: 1 });
  });

  it('delays the later events of its machine, and no other machine', async () => {
    const { take, settle, pass, answer, sent } = await start();
    answer.with = ({ machine }) => (machine === 2 ? status(500) : OK);
    take(2, 1);
    take(2, 2);
    take(3, 1);
    take(3, 2);
    await settle();
    expect(sent()).toEqual(['2:1', '3:1', '3:2']);
    answer.with = () => OK;
    await pass(5_000);
    expect(sent()).toEqual(['2:1', '3:1', '3:2', '2:1', '2:2']);
  });

  it('is one that has no response in 10 seconds', async () => {
    const { take, settle, pass, requests, lines } = await start();
    take(2, 1);
    await settle();
    await pass(10_000);
    expect(lines).toContainEqual([
      'webhook failed; retrying',
      { webhook: 'pager', subject: '1/2', reason: 'timeout', suppressed: 0 },
    ]);
    await pass(5_000);
    expect(requests).toHaveLength(2);
  });

  it('is given up after a day: the event stays in the table with the reason, and the next one follows', async () => {
    const table = new Table();
    const { take, settle, pass, clock, answer, results, lines, requests } = await start(table);
    answer.with = () => status(500);
    take(2, 1);
    await settle();
    const begin = clock.now().unixMs;
    while (results().given_up === undefined) await pass(5 * MINUTE_MS);
    const [{ outcome } = { outcome: null }] = table.rows.values();
    expect(outcome).toEqual({ attempts: requests.length, failedAt: expect.any(Number), error: 'HTTP 500' });
    expect(clock.now().unixMs - begin).toBeGreaterThan(DAY_MS - 10 * MINUTE_MS);
    expect(clock.now().unixMs - begin).toBeLessThanOrEqual(DAY_MS);
    expect(lines.map(([message]) => message)).toContain('webhook event given up');
    answer.with = () => OK;
    take(2, 2);
    await settle();
    expect(results()).toMatchObject({ given_up: 1, delivered: 1 });
  });

  it('that is given up is followed by the events behind it, which keep their own day', async () => {
    const { take, settle, pass, answer, results } = await start();
    answer.with = ({ n }) => (n === 1 ? status(500) : OK);
    take(2, 1);
    await settle();
    await pass(DAY_MS / 2);
    take(2, 2);
    while (results().given_up === undefined) await pass(5 * MINUTE_MS);
    expect(results()).toMatchObject({ given_up: 1, delivered: 1 });
  });
});

describe('a receiver', () => {
  it.each([
    ['429 and seconds', status(429, '120')],
    ['503 and a date', status(503, new Date(1_800_000_120_000).toUTCString())],
  ])('that answers %s gets no request until then, for any machine', async (_, response) => {
    const { take, settle, pass, answer, sent } = await start();
    answer.with = () => response;
    take(2, 1);
    await settle();
    answer.with = () => OK;
    take(3, 1);
    await pass(119_999);
    expect(sent()).toEqual(['2:1']);
    await pass(1);
    expect(sent().sort()).toEqual(['2:1', '2:1', '3:1']);
  });

  it('that answers 410 gets nothing more; what waited is given up', async () => {
    const table = new Table();
    const { webhooks, take, settle, pass, answer, sent, results, lines } = await start(table);
    answer.with = () => status(410);
    take(2, 1);
    take(2, 2);
    await settle();
    take(2, 3);
    await pass(DAY_MS);
    expect(sent()).toEqual(['2:1']);
    expect(results()).toEqual({ given_up: 2 });
    expect([...table.rows.values()].map(({ outcome }) => outcome)).toMatchObject([
      { error: 'HTTP 410' },
      { error: 'HTTP 410' },
    ]);
    expect(lines).toContainEqual(['webhook disabled: its receiver answered 410', { webhook: 'pager' }]);
    expect([...webhooks.figures()]).toEqual([{ webhook: 'pager', waiting: 0, delayMs: 0, isDisabled: true }]);
  });

  it('that is away for long costs 10,000 events of memory; later ones are dropped and counted', async () => {
    const { webhooks, take, settle, answer, results } = await start(null);
    answer.with = () => ({ error: 'ECONNREFUSED' });
    for (let n = 1; n <= 10_003; n++) take(2, n);
    await settle();
    expect(results()).toMatchObject({ dropped: 3 });
    expect([...webhooks.figures()]).toMatchObject([{ waiting: 10_000, isDisabled: false }]);
  });

  it('shows how long the oldest event has waited', async () => {
    const { webhooks, take, settle, pass } = await start();
    take(2, 1);
    await settle();
    await pass(7_000);
    expect([...webhooks.figures()]).toMatchObject([{ waiting: 1, delayMs: 7_000 }]);
  });
});

describe('the table of webhooks', () => {
  it('has an event before its request, and not after its delivery', async () => {
    const table = new Table();
    const { take, settle, requests } = await start(table);
    take(2, 1);
    expect(requests).toEqual([]);
    await settle();
    expect([table.rows.size, requests.length]).toEqual([1, 1]);
    requests[0]?.respond(OK);
    await settle();
    expect(table.rows.size).toBe(0);
  });

  it('brings what was not delivered after a restart, with its id and before newer events', async () => {
    const table = new Table();
    const clock = new FakeClock();
    const before = await start(table, { clock });
    before.answer.with = () => status(500);
    before.take(2, 1);
    before.take(2, 2);
    await before.settle();
    await before.webhooks.stop();
    clock.jumpWall(-1_000);
    const after = await start(table, { clock });
    after.answer.with = () => OK;
    after.requests[0]?.respond(OK);
    after.take(2, 3);
    await after.settle();
    expect(after.sent()).toEqual(['2:1', '2:2', '2:3']);
    const idOf = ({ requests }: typeof after) => requests[0]?.headers['webhook-id'];
    expect(idOf(after)).toBe(idOf(before));
    expect(table.rows.size).toBe(0);
  });

  it('is taken over once, however often a leader tries while it is unavailable', async () => {
    const table = new Table();
    const before = await start(table);
    before.answer.with = () => status(500);
    before.take(2, 1);
    before.take(2, 2);
    await before.settle();
    await before.webhooks.stop();
    table.away = true;
    const after = await start(table);
    after.answer.with = () => OK;
    for (let again = 0; again < 3; again++) await after.webhooks.lead();
    table.away = false;
    await after.pass(MINUTE_MS);
    await after.webhooks.lead();
    await after.pass(MINUTE_MS);
    expect(after.sent()).toEqual(['2:1', '2:2']);
  });

  it('delays no event while it is unavailable, and has what waits when it is back', async () => {
    const table = new Table();
    const { take, settle, pass, requests, sent } = await start(table);
    table.away = true;
    take(2, 1);
    take(3, 1);
    await settle();
    take(4, 1);
    await settle();
    expect(sent()).toEqual(['2:1', '3:1', '4:1']);
    requests[1]?.respond(OK);
    await settle();
    table.away = false;
    await pass(30_000);
    const waiting = await table.load();
    expect(waiting.map(({ subject }) => subject)).toEqual(['1/2', '1/4']);
  });

  it('is read again when it cannot be read, and events wait for it meanwhile', async () => {
    const table = new Table();
    table.away = true;
    const { take, settle, pass, sent } = await start(table);
    take(2, 1);
    await settle();
    expect(sent()).toEqual([]);
    table.away = false;
    await pass(30_000);
    expect(sent()).toEqual(['2:1']);
  });

  it('is purged of what is older than 30 days, and keeps the events of a webhook that is not configured', async () => {
    const table = new Table();
    const before = await start(table, { names: ['old'] });
    before.take(2, 1);
    await before.settle();
    const stopped = before.webhooks.stop();
    await before.pass(1_000);
    await stopped;
    const { clock, lines, sent } = await start(table);
    expect(table.purged).toBe(clock.now().unixMs - 30 * DAY_MS);
    expect(sent()).toEqual([]);
    expect(table.rows.size).toBe(1);
    expect(lines).toContainEqual(['events wait for a webhook that is not configured', { events: 1 }]);
  });
});

describe('of several replicas', () => {
  it('only the leader sends, and a new one continues from the table', async () => {
    const table = new Table();
    const clock = new FakeClock();
    const [old, next] = [await start(table, { clock }), await start(table, { clock })];
    next.leadership.isLeading = false;
    next.webhooks.follow();
    for (const { take, settle } of [old, next]) {
      take(2, 1);
      take(2, 2);
      await settle();
    }
    expect([old.sent(), next.sent()]).toEqual([['2:1'], []]);
    old.leadership.isLeading = false;
    old.webhooks.follow();
    next.leadership.isLeading = true;
    next.answer.with = () => OK;
    await next.webhooks.lead();
    await next.settle();
    expect(next.sent()).toEqual(['2:1', '2:2']);
    await old.pass(DAY_MS);
    expect(old.sent()).toEqual(['2:1']);
    expect(table.rows.size).toBe(0);
  });
});
