import { FakeClock } from '../support/engine/fake-clock.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

const MACHINE = '/clusters/1/machines/2';

test('a status is up or down, by name or number, and setting it twice changes nothing', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  for (const [status, state] of [
    ['down', 'down'],
    ['down', 'down'],
    [1, 'up'],
    [0, 'down'],
    ['up', 'up'],
  ]) {
    const answer = await service.request('PUT', `${MACHINE}/status`, { status });
    expect([status, answer.status, answer.body.state]).toEqual([status, 200, state]);
  }
  for (const status of ['temp_disabled', 2, -1, '1', 'UP', true, null, undefined]) {
    const answer = await service.request('PUT', `${MACHINE}/status`, { status });
    expect([status, answer.status, answer.body.errors[0].pointer]).toEqual([status, 400, '/status']);
  }
});

test('a machine has the protocol of its url and is not found under another', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  for (const [call, body] of [
    ['status', { status: 'down' }],
    ['state', { state: 'down' }],
  ] as const) {
    const other = await service.request('PUT', `${MACHINE}/${call}`, { ...body, protocol: 'udp' });
    expect([other.status, other.body.code]).toEqual([404, 'unknown_machine']);
    expect((await service.request('GET', MACHINE)).body.state).toBe('up');
    expect((await service.request('PUT', `${MACHINE}/${call}`, { ...body, protocol: 'bin' })).body.state).toBe('down');
    await service.request('PUT', `${MACHINE}/status`, { status: 'up' });
  }
  for (const path of ['/clusters/1/machines/9/status', '/clusters/9/machines/2/status']) {
    expect((await service.request('PUT', path, { status: 'up' })).status).toBe(404);
  }
});

test('state 2 counts one failed attempt; the limit disables the machine until its duration has passed', async () => {
  const clock = new FakeClock();
  const service = await startService({}, { clock });
  await service.provision(1, 2, 'bin:127.0.0.2', { failed_attempts: 2, duration: 30 });
  const first = await service.request('PUT', `${MACHINE}/state`, { state: 2, protocol: 'bin' });
  expect(first.body).toMatchObject({ state: 'up', no_tries: 1, last_attempt: 1_800_000_000 });
  const second = await service.request('PUT', `${MACHINE}/state`, { state: 'temp_disabled' });
  expect(second.body).toMatchObject({ state: 'temp_disabled', no_tries: 2, seconds_until_enabling: 30 });
  const etag = second.headers.get('etag');

  clock.advance(29_001);
  const third = await service.request('PUT', `${MACHINE}/state`, { state: 2 });
  expect(third.body).toMatchObject({ state: 'temp_disabled', no_tries: 2, seconds_until_enabling: 1 });
  expect(third.headers.get('etag')).toBe(etag);
  expect((await service.request('GET', '/clusters/1/nodes')).body.nodes).toEqual([]);
  expect((await service.request('GET', '/clusters/1')).body).toMatchObject({ nodes: 1, up: 0, temp_disabled: 1 });

  clock.advance(999);
  const back = await service.request('GET', MACHINE);
  expect(back.body).toMatchObject({ state: 'up', no_tries: 0, last_attempt: 1_800_000_000, seconds_until_enabling: 0 });
  expect(back.headers.get('etag')).not.toBe(etag);
});

test('a limit of 0 or less never disables, and a machine that is down counts nothing', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2', { failed_attempts: 0 });
  await service.provision(1, 3, 'bin:127.0.0.3', { failed_attempts: -1 });
  for (const machine of [2, 3]) {
    for (const tries of [1, 2, 3, 4, 5]) {
      const { body } = await service.request('PUT', `/clusters/1/machines/${machine}/state`, { state: 2 });
      expect(body).toMatchObject({ state: 'up', no_tries: tries });
    }
  }
  await service.request('PUT', `${MACHINE}/state`, { state: 0 });
  const down = await service.request('PUT', `${MACHINE}/state`, { state: 2 });
  expect(down.body).toMatchObject({ state: 'down', no_tries: 5 });
  const up = await service.request('PUT', `${MACHINE}/state`, { state: 1 });
  expect(up.body).toMatchObject({ state: 'up', no_tries: 0 });
});

test('a state other than the three is 400', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  for (const state of [3, -1, '2', 'off', true, null]) {
    const answer = await service.request('PUT', `${MACHINE}/state`, { state });
    expect([state, answer.status, answer.body.errors[0].pointer]).toEqual([state, 400, '/state']);
  }
});

test('get_nodes returns the machines of a protocol (default bin) that are up', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2', { description: 'sip-2' });
  await service.provision(1, 3, 'bin:127.0.0.3', { state: 'down' });
  await service.provision(1, 4, '127.0.0.4');
  const bin = { machine_id: 2, state: 'up', description: 'sip-2', address: '127.0.0.2:5555', protocol: 'bin' };
  const udp = { machine_id: 4, state: 'up', description: null, address: '127.0.0.4:5060', protocol: 'udp' };
  expect((await service.request('GET', '/clusters/1/nodes')).body).toEqual({ nodes: [bin] });
  expect((await service.request('GET', '/clusters/1/nodes?protocol=bin')).body).toEqual({ nodes: [bin] });
  expect((await service.request('GET', '/clusters/1/nodes?protocol=udp')).body).toEqual({ nodes: [udp] });
  expect((await service.request('GET', '/clusters/1/nodes?protocol=tls')).body).toEqual({ nodes: [] });
});

test('check compares protocol, machine id and IP, but neither port nor state', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2:5555', { state: 'down' });
  await service.provision(1, 3, 'bin:[fd00::3]');
  await service.provision(1, 4, 'bin:no-such-host.invalid');
  const known = async (address: string, machine: number, more = '') => {
    const query = `address=${encodeURIComponent(address)}&server_id=${machine}${more}`;
    return (await service.request('GET', `/clusters/1/check?${query}`)).body.known;
  };
  for (const address of ['127.0.0.2', '127.0.0.2:9', '::ffff:127.0.0.2', '[::ffff:7f00:2]:9']) {
    expect([address, await known(address, 2)]).toEqual([address, true]);
  }
  expect(await known('FD00:0:0::3', 3)).toBe(true);
  expect(await known('[fd00::3]:5555', 3, '&protocol=bin')).toBe(true);
  expect(await known('127.0.0.3', 2)).toBe(false);
  expect(await known('127.0.0.2', 3)).toBe(false);
  expect(await known('127.0.0.2', 9)).toBe(false);
  expect(await known('127.0.0.2', 4)).toBe(false);
  expect(await known('127.0.0.2', 2, '&protocol=udp')).toBe(false);
});

test('check rejects an address that is not an IP address', async () => {
  const service = await startService();
  await service.provision(1, 2, 'bin:127.0.0.2');
  for (const address of ['', 'localhost', '127.0.0.256', '127.0.2', '0177.0.0.2', '127.0.0.2:', '[::1', '::1::']) {
    const answer = await service.request('GET', `/clusters/1/check?address=${address}&server_id=2`);
    expect([address, answer.status, answer.body.errors[0].pointer]).toEqual([address, 400, '/address']);
  }
  const both = await service.request('GET', '/clusters/1/check?address=localhost&server_id=0');
  expect(both.body.errors).toMatchObject([{ pointer: '/server_id' }, { pointer: '/address' }]);
});
