import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { inBrowser } from '../support/page/browser.js';
import { rowOf } from '../support/page/page.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes } from '../support/peers/bin-peer.js';
import { EventStream } from '../support/peers/event-stream.js';
import { InstalledProxy, PROXIES, pathOf } from '../support/peers/installed-proxy.js';
import { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

/** A browser and a proxy are slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();
disconnectPeersAfterEach();

/** Not in Debian: its tests are skipped with CI=true too. */
const NOT_IN_DEBIAN = ['traefik'];
const programs = Object.keys(PROXIES);
const installed = programs.filter((program) => pathOf(program) !== undefined);
const describeIn = (program: string) => (installed.includes(program) ? describe : describe.skip);

const sha256 = (token: string) => createHash('sha256').update(token).digest('hex');
const TRUSTED = { CLUSTERER_TRUSTED_PROXIES: '127.0.0.1' };
const TOKENS = { CLUSTERER_TOKENS: `alice:operate:${sha256('alice')}`, CLUSTERER_HTTP_WRONG_TOKENS_PER_MINUTE: '2' };
/** Addresses of clients of the proxy. */
const [ONE, TWO] = ['127.0.93.1', '127.0.93.2'];

const proxies: InstalledProxy[] = [];
afterEach(async () => {
  await Promise.all(proxies.splice(0).map((proxy) => proxy.stop()));
});

async function behind(program: string, environment: Record<string, string> = {}) {
  const service = await startService({ ...TRUSTED, ...environment });
  const proxy = await InstalledProxy.start(program, service);
  proxies.push(proxy);
  return { service, proxy };
}

/** Asks the proxy from an address. */
async function get(url: string, localAddress: string | undefined = ONE, headers: Record<string, string> = {}) {
  const [answer] = (await once(request(url, { localAddress, headers, agent: false }).end(), 'response')) as [
    IncomingMessage,
  ];
  return { status: answer.statusCode, headers: answer.headers, body: await text(answer) };
}

/** The log says who has asked. */
function asked(service: TestService, address: string | undefined) {
  return service.logLine({ msg: 'request completed', path: '/nodes', address });
}

test('the proxies that Debian has are installed in CI', () => {
  const missing = programs.filter((program) => ![...installed, ...NOT_IN_DEBIAN].includes(program));
  expect(process.env.CI === 'true' ? missing : []).toEqual([]);
});

describe.each(programs)('%s', (program) => {
  describeIn(program)('with the example of deploy/proxies', () => {
    it('passes on REST, and the address of the client', async () => {
      const { service, proxy } = await behind(program);
      await service.provision(1, 2, 'bin:127.0.93.9:5555');
      const { status, headers, body } = await get(`${proxy.url}nodes?cluster_id=1`);
      expect([status, JSON.parse(body).nodes.length, headers['strict-transport-security']]).toEqual([
        200,
        1,
        undefined,
      ]);
      await asked(service, ONE);
      const forged = {
        'x-forwarded-for': '6.6.6.6',
        forwarded: 'for=6.6.6.6;proto=https',
        'x-forwarded-proto': 'https',
      };
      const { status: again, headers: plain } = await get(`${proxy.url}nodes`, TWO, forged);
      expect([again, plain['strict-transport-security']]).toEqual([200, undefined]);
      await asked(service, TWO);
    });

    it('opens sockets of modules, which get packets at once', async () => {
      const { service, proxy } = await behind(program);
      await service.provision(1, 2, 'bin:127.0.0.2:5555');
      const url = `${proxy.url.replace('http', 'ws')}ws`;
      const client = await SocketClient.open(url, ['clusterer.v1'], {}, { localAddress: ONE });
      await client.first('welcome');
      const module = { module: 'ul', protocol: 'bin', timeout: 0, auth_check: false, cluster_id: 1 };
      const { registration } = await client.call('register_module', module);
      (await connectPeer(service)).write(packetBytes());
      expect(await client.first('packet')).toMatchObject([{ registration, machine_id: 2 }]);
      client.socket.send('no JSON');
      await service.logLine({ reason: 'not_json_rpc', address: ONE });
    });

    it('passes on each event at once', async () => {
      const { service, proxy } = await behind(program);
      const stream = await EventStream.open(`${proxy.url}events`);
      for (const machine of [2, 3]) {
        await service.provision(1, machine, `bin:127.0.93.${machine}:5555`);
        expect((await stream.first(machine)).at(-1)?.data).toMatchObject({ machine: { machine_id: machine } });
      }
      stream.close();
    });

    it('keeps wrong tokens of one client from locking out another', async () => {
      const { service, proxy } = await behind(program, TOKENS);
      const statusOf = async (token: string, from: string | undefined, forged: Record<string, string> = {}) =>
        (await get(`${proxy.url}nodes`, from, { authorization: `Bearer ${token}`, ...forged })).status;
      const guess = (forged: Record<string, string> = {}) => statusOf('guess', ONE, forged);
      expect([await guess(), await guess({ 'x-forwarded-for': '6.6.6.6' }), await guess()]).toEqual([401, 401, 429]);
      expect(await guess({ forwarded: 'for=6.6.6.6' })).toBe(429);
      await service.logLine({ reason: 'too_many_wrong_tokens', address: ONE });
      expect(await statusOf('alice', TWO)).toBe(200);
    });

    it('adds the slash that the page needs', async () => {
      const { proxy } = await behind(program);
      const { status, headers } = await get(proxy.url.slice(0, -1));
      expect([301, 302, 308]).toContain(status);
      expect(new URL(headers.location ?? '', proxy.url).href).toBe(proxy.url);
    });
  });
});

inBrowser('the page behind', (browser) => {
  for (const program of programs) {
    (installed.includes(program) ? it : it.skip)(
      `${program} loads all its files below the path, and is live`,
      async () => {
        const { service, proxy } = await behind(program);
        const page = await browser.openLive({ httpUrl: proxy.url });
        await service.provision(1, 2, 'bin:127.0.93.9:5555');
        await rowOf(page, 1, 2).waitFor();
        expect(browser.faults).toEqual([]);
        expect([...browser.origins]).toEqual([new URL(proxy.url).origin]);
      },
    );
  }
});
