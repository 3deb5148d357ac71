import { FakeClock } from '../support/engine/fake-clock.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

const DAY_MS = 86_400_000;
const machine = async (service: TestService) => (await service.request('GET', '/clusters/1/machines/2')).body;
const countFailure = (service: TestService) =>
  service.request('PUT', '/clusters/1/machines/2/state', { state: 'temp_disabled' });

describe('the wall clock', () => {
  it.each([
    ['forward', 10 * DAY_MS],
    ['backward', -10 * DAY_MS],
  ])('enables and disables nothing if it jumps %s', async (_, jump) => {
    const clock = new FakeClock();
    const service = await startService({}, { clock });
    await service.provision(1, 2, 'bin:127.0.0.2:5555', { failed_attempts: 1, duration: 30 });
    const client = await service.socket();
    const watch = { module: 'ul', protocol: 'bin', timeout: 100, auth_check: true, cluster_id: 1 };
    await client.call('register_module', watch);
    await countFailure(service);
    clock.jumpWall(jump);
    await service.request('GET', '/clusters/1/nodes');
    expect(await machine(service)).toMatchObject({ state: 'temp_disabled', seconds_until_enabling: 30 });
    clock.advance(29_999);
    expect(await machine(service)).toMatchObject({ state: 'temp_disabled', seconds_until_enabling: 1 });
    clock.advance(1);
    expect(await machine(service)).toMatchObject({ state: 'up', no_tries: 0, disabled_for: [] });
    clock.advance(70_000);
    expect(await machine(service)).toMatchObject({ disabled_for: [] });
    clock.advance(1);
    expect(await machine(service)).toMatchObject({ disabled_for: ['ul'] });
  });
});

describe('the one timer', () => {
  it('never exceeds what a Node timer can hold, however long a duration is', async () => {
    const clock = new FakeClock();
    const service = await startService({}, { clock });
    await service.provision(1, 2, 'bin:127.0.0.2:5555', { failed_attempts: 1, duration: 30 * 86_400 });
    clock.delays.length = 0;
    await countFailure(service);
    expect(clock.delays).toEqual([2_147_483_647]);
    clock.advance(30 * DAY_MS - 1);
    expect(clock.delays).toEqual([2_147_483_647, 30 * DAY_MS - 2_147_483_647]);
    expect(await machine(service)).toMatchObject({ state: 'temp_disabled', seconds_until_enabling: 1 });
    clock.advance(1);
    expect(await machine(service)).toMatchObject({ state: 'up' });
  });

  it('sends a timeout notification within 50 ms of its deadline', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await service.socket();
    const late: number[] = [];
    for (let i = 0; i < 5; i++) {
      const start = performance.now();
      const registered = await client.call('register_module', {
        module: 'ul',
        protocol: 'bin',
        timeout: 0.1,
        auth_check: true,
        cluster_id: 1,
      });
      // A process that stalls gets a second time-out of a registration before that ends.
      await client.until(() => client.received(registered).some(([method]) => method === 'timeout'));
      late.push(performance.now() - start - 100);
      await client.call('unregister_module', { registration: registered.registration });
    }
    expect(Math.min(...late)).toBeGreaterThanOrEqual(0);
    // The best of five: a systematic delay shows in each.
    expect(Math.min(...late)).toBeLessThan(50);
  });
});
