import { once } from 'node:events';
import fc from 'fast-check';
import { WebSocket } from 'ws';
import { allLayouts } from '../../src/wire/modules/layouts.js';
import { decodePayload } from '../../src/wire/modules/payloads.js';
import { capturedPayloads } from '../fixtures/payloads.js';
import { NAMES } from '../hostile/values.js';
import { endFleetAfterEach } from '../support/fleet/fleet.js';
import { linked, startMember } from '../support/fleet/member.js';
import { disconnectPeersAfterEach } from '../support/peers/bin-peer.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();
endFleetAfterEach();
disconnectPeersAfterEach();

/** The number of runs depends on the time. A failure prints its random seed, and the shortest run that fails. */
const BUDGET = { numRuns: 100_000, interruptAfterTimeLimit: 4_000, verbose: true };
jest.setTimeout(60_000);

/** What daemons sent, as a client would send it again. */
const CAPTURED = capturedPayloads().flatMap(({ dialect, module, packetType, version, payload }) => {
  const layouts = allLayouts().filter((layout) => {
    return layout.dialect === dialect && layout.module === module && layout.packetType === packetType;
  });
  const packet = decodePayload(
    layouts.filter(({ versions }) => versions.includes(version)),
    payload,
  );
  return 'fault' in packet ? [] : [{ module, name: packet.name, fields: Object.entries(packet.fields) }];
});

const odd = fc.oneof(
  fc.constantFrom<unknown>(0, -1, 0.5, 2 ** 31, 2 ** 53, '', 'all', '5', [], {}, null, true, [''], [{}], { raw: '1' }),
  fc.constantFrom<unknown>(
    { base64: 'AA==' },
    { base64: '?' },
    { base64: 1 },
    { mode: 2 },
    '\ud800',
    'x'.repeat(70_000),
  ),
  fc.jsonValue({ maxDepth: 3 }),
);
const name = fc.constantFrom(...new Set(allLayouts().flatMap(({ fields }) => fields.map((field) => field.name))));
const oddName = fc.oneof({ weight: 4, arbitrary: name }, fc.constantFrom(...NAMES), fc.string());

/** Fields that a daemon sent, with some of them replaced, removed or added. */
const changed = fc
  .tuple(
    fc.constantFrom(...CAPTURED),
    fc.array(fc.tuple(fc.nat(), fc.option(odd, { nil: undefined })), { maxLength: 3 }),
  )
  .chain(([{ fields, ...packet }, changes]) => {
    const entries = fields.map(([key, value], at) => {
      const change = changes.find(([where]) => where % fields.length === at);
      return [key, change === undefined ? value : change[1]] as const;
    });
    return fc.array(fc.tuple(oddName, odd), { maxLength: 1 }).map((more) => {
      return { ...packet, fields: Object.fromEntries([...entries, ...more]) };
    });
  });

const any = fc.record({
  module: fc.constantFrom('ul', 'dialog', 'ratelimit', 'usrloc-contact-repl', 'tm-repl', ...NAMES),
  name: fc.oneof(fc.constantFrom(...allLayouts().map((layout) => layout.name), ...NAMES), odd),
  fields: fc.oneof(fc.dictionary(oddName, odd), odd),
});

const send = fc.oneof({ weight: 3, arbitrary: changed }, any);

interface Answer {
  readonly id: number;
  readonly error?: {
    readonly code: number;
    readonly data: { readonly code?: string; readonly errors: readonly { readonly pointer: string }[] };
  };
}

/** A socket for requests that no document describes: fields that only other versions have are ignored, whatever their values. */
class AnySender {
  private id = 0;
  private readonly pending = new Map<number, (answer: Answer) => void>();

  private constructor(private readonly socket: WebSocket) {
    socket.on('message', (data) => {
      const answer = JSON.parse(String(data));
      this.pending.get(answer.id)?.(answer);
    });
  }

  static async open({ httpUrl }: TestService): Promise<AnySender> {
    const socket = new WebSocket(`${httpUrl.replace('http', 'ws')}/ws`, 'clusterer.v1');
    await once(socket, 'open');
    return new AnySender(socket);
  }

  send(params: object): Promise<Answer> {
    const id = ++this.id;
    this.socket.send(JSON.stringify({ jsonrpc: '2.0', id, method: 'send_to', params }));
    return new Promise((resolve) => this.pending.set(id, resolve));
  }

  close(): void {
    this.socket.terminate();
  }
}

/** A send over REST and the same over a socket: both take it, or both refuse it and name the field. Returns whether they took it. */
async function sendsAlike(service: TestService, socket: AnySender, body: object): Promise<boolean> {
  const { status, body: refusal } = await service.request('POST', '/clusters/1/packets', body);
  const { error } = await socket.send({ cluster_id: 1, ...body });
  expect([200, 400]).toContain(status);
  expect(error === undefined).toBe(status === 200);
  if (error === undefined) return true;
  expect([400, -32_602]).toContain(error.code);
  if (['module_reserved', 'payload_too_long'].includes(refusal.code)) {
    expect(error.data.code).toBe(refusal.code);
    return false;
  }
  for (const { errors } of [refusal, error.data]) {
    expect(errors).not.toEqual([]);
    for (const { pointer } of errors) expect(pointer).toMatch(/^\/(module|name|fields)(\/|$)/);
  }
  return false;
}

async function sendAny(service: TestService): Promise<void> {
  const socket = await AnySender.open(service);
  let taken = 0;
  let refused = 0;
  await fc.assert(
    fc.asyncProperty(send, async (body) => {
      if (await sendsAlike(service, socket, body)) taken++;
      else refused++;
    }),
    BUDGET,
  );
  socket.close();
  expect([taken, refused].every((count) => count > 0)).toBe(true);
  expect(service.logLines.filter(({ level }) => Number(level) >= 50)).toEqual([]);
  expect((await service.request('GET', '/healthz')).status).toBe(200);
}

/** The service limits the requests of a client, which is not what is tested. */
const UNLIMITED = { CLUSTERER_HTTP_REQUESTS_PER_SECOND: '100000', CLUSTERER_WS_MESSAGES_PER_SECOND: '100000' };

/**
 * A busy machine replies late. The link stays up, because which layouts count depends on the machines that are up: the service pings only
 * to make it.
 */
const RARE_PINGS = { CLUSTERER_PING_INTERVAL_SECONDS: '3600', CLUSTERER_PING_TIMEOUT_MS: '5000' };

describe('any name with any fields is sent, or refused with the field that is wrong,', () => {
  it('in a cluster of dialect 2.2', async () => {
    const service = await startService(UNLIMITED);
    await service.provision(1, 2, `bin:127.0.0.1:${(await startService()).bin.port}`);
    await sendAny(service);
  });

  it('in a cluster of dialect 2.4', async () => {
    const machine = { id: 1, timing: { lostAfterMs: 3_600_000 } };
    const member = await startMember(137, [machine], { ...UNLIMITED, ...RARE_PINGS });
    await linked(member);
    await sendAny(member.service);
    expect(await member.shown(1)).toMatchObject({ link: 'up' });
  });
});
