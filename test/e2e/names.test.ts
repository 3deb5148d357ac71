import type { Resolver } from '../../src/service/ports/resolver.js';
import { FakeClock } from '../support/engine/fake-clock.js';
import type { Answer } from '../support/service/checked-requests.js';
import { HeldResolver } from '../support/service/held-resolver.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { type TableRow, withTable } from '../support/tables/table.js';

stopServicesAfterEach();

const reload = (service: TestService): Promise<Answer> => service.request('POST', '/reload');
const nodes = async (service: TestService) => (await service.request('GET', '/nodes')).body.nodes;

function row(machine_id: number, more: Partial<TableRow> = {}): TableRow {
  return { cluster_id: 1, machine_id, url: `bin:127.0.0.${machine_id}:5555`, ...more };
}

const addRows = (service: TestService, ...rows: TableRow[]) => withTable(service, (table) => table.add(...rows));

describe('a host that cannot be resolved', () => {
  it('leaves only its machine without an address, is logged once, and is looked up again', async () => {
    const clock = new FakeClock();
    const resolver = new HeldResolver();
    const service = await startServiceOnDisk({}, { clock, resolver });
    await addRows(service, row(2, { url: 'bin:sip-2.example:5555' }), row(3));
    const reloaded = reload(service);
    await resolver.answer('sip-2.example', 'ENOTFOUND');
    await reloaded;
    expect(await nodes(service)).toMatchObject([
      { machine_id: 2, address: null, state: 'up' },
      { machine_id: 3, address: '127.0.0.3:5555' },
    ]);
    clock.advance(30_000);
    await resolver.answer('sip-2.example', 'ENOTFOUND');
    const changed = service.logLine({ msg: 'machine changed', machine_id: 2 });
    while (resolver.asked.length < 3) {
      clock.advance(30_000);
      await service.request('GET', '/healthz');
    }
    await resolver.answer('sip-2.example', ['127.0.0.2']);
    await changed;
    expect(await nodes(service)).toMatchObject([{ address: '127.0.0.2:5555' }, { machine_id: 3 }]);
    expect(service.logLines.filter(({ host }) => host === 'sip-2.example')).toHaveLength(1);
  });

  it('delays a load for one second at most, and gets its address later', async () => {
    const clock = new FakeClock();
    const resolver = new HeldResolver();
    const service = await startServiceOnDisk({}, { clock, resolver });
    await addRows(service, row(2, { url: 'bin:slow.example:5555' }));
    const reloaded = reload(service);
    while (resolver.asked.length === 0) await service.request('GET', '/healthz');
    clock.advance(1_000);
    expect((await reloaded).body).toMatchObject({ added: 1 });
    expect(await nodes(service)).toMatchObject([{ address: null }]);
    const changed = service.logLine({ msg: 'machine changed', machine_id: 2 });
    await resolver.answer('slow.example', ['127.0.0.2']);
    await changed;
    expect(await nodes(service)).toMatchObject([{ address: '127.0.0.2:5555' }]);
  });

  it('keeps its address while a look-up at reload is slow', async () => {
    const clock = new FakeClock();
    const resolver = new HeldResolver();
    const service = await startServiceOnDisk({}, { clock, resolver });
    await addRows(service, row(2, { url: 'bin:slow.example:5555' }));
    const first = reload(service);
    await resolver.answer('slow.example', ['127.0.0.2']);
    await first;
    const second = reload(service);
    while (resolver.asked.length < 2) await service.request('GET', '/healthz');
    clock.advance(1_000);
    expect((await second).body).toMatchObject({ changed: 0 });
    expect(await nodes(service)).toMatchObject([{ address: '127.0.0.2:5555' }]);
  });

  it('keeps its address while no name server answers, which is logged once with the reason', async () => {
    const resolver = new HeldResolver();
    const service = await startServiceOnDisk({}, { resolver });
    await addRows(service, row(2, { url: 'bin:sip-2.example:5555' }));
    const reloadWith = async (found: string | readonly string[]) => {
      const reloaded = reload(service);
      await resolver.answer('sip-2.example', found);
      return (await reloaded).body;
    };
    await reloadWith(['127.0.0.2']);
    expect(await reloadWith('EAI_AGAIN')).toMatchObject({ changed: 0 });
    await reloadWith('EAI_AGAIN');
    expect(await nodes(service)).toMatchObject([{ address: '127.0.0.2:5555' }]);
    const warnings = service.logLines.filter(({ level }) => level === 40);
    expect(warnings.filter(({ host }) => host === 'sip-2.example')).toMatchObject([{ reason: 'EAI_AGAIN' }]);
    await reloadWith('ENOTFOUND');
    expect(await nodes(service)).toMatchObject([{ address: null }]);
  });

  it.each(['ENOTFOUND', 'EAI_AGAIN'])('is logged with the reason %s', async (reason) => {
    const service = await startServiceOnDisk({}, { resolver: resolvingTo({ 'sip-2.example': reason }) });
    await service.provision(1, 2, 'bin:sip-2.example:5555');
    const line = await service.logLine({ host: 'sip-2.example', level: 40 });
    expect(line).toMatchObject({ cluster_id: 1, machine_id: 2, reason });
  });
});

describe('a name with addresses of both families', () => {
  const BOTH = ['::1', '127.0.0.2', '127.0.0.3'];
  const check = async (service: TestService, address: string) =>
    (await service.request('GET', `/clusters/1/check?address=${address}&server_id=2&protocol=bin`)).body.known;

  it.each([
    ['127.0.0.1', '127.0.0.2:5555'],
    ['0.0.0.0', '127.0.0.2:5555'],
    ['::1', '[::1]:5555'],
  ])('gets packets at the first address that %s can reach', async (host, address) => {
    const service = await startService({ CLUSTERER_BIN_HOST: host }, { resolver: resolvingTo({ both: BOTH }) });
    expect(await service.provision(1, 2, 'bin:both:5555')).toMatchObject({ address });
    expect(service.logLines.filter(({ level }) => level === 40)).toEqual([]);
  });

  it('passes check from each of its addresses, also after a reload', async () => {
    const service = await startService({}, { resolver: resolvingTo({ both: BOTH }) });
    await service.provision(1, 2, 'bin:both:5555');
    for (let loads = 0; loads < 2; loads++) {
      const known = await Promise.all([...BOTH, '127.0.0.4'].map((ip) => check(service, ip)));
      expect(known).toEqual([true, true, true, false]);
      expect((await reload(service)).body).toMatchObject({ changed: 0 });
    }
  });

  it.each([
    ['a name', 'six'],
    ['an address', '[::1]'],
  ])('is logged once when our address can reach none of them (%s)', async (_, host) => {
    const service = await startService({}, { resolver: resolvingTo({ six: ['::1'] }) });
    expect(await service.provision(1, 2, `bin:${host}:5555`)).toMatchObject({ address: '[::1]:5555' });
    await reload(service);
    const warnings = service.logLines.filter(({ level }) => level === 40);
    expect(warnings).toMatchObject([{ machine_id: 2, addresses: ['::1'], source: '127.0.0.1' }]);
    expect(String(warnings[0]?.msg)).toContain('CLUSTERER_BIN_HOST');
  });
});

/** Resolves names to addresses, or to the code of an error; IP addresses to themselves. */
function resolvingTo(names: Readonly<Record<string, string | readonly string[]>>): Resolver {
  return {
    resolve: async (host) => {
      const found = names[host] ?? [host];
      return typeof found === 'string' ? { ips: [], fault: found } : { ips: found, fault: null };
    },
  };
}
