import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { KV } from '@nats-io/kv';
import { openBucket } from '../../../src/nats/bucket.js';
import { LEASE_MS, Lease } from '../../../src/nats/lease.js';
import { systemClock } from '../../../src/process/system-clock.js';
import { closeConnections, connectTo, silentLog, until } from '../../support/nats/connect.js';
import { describeWithNats, NatsServer } from '../../support/nats/nats-server.js';

jest.setTimeout(60_000);

describeWithNats('the lease of the leader', () => {
  let server: NatsServer;
  let bucket: KV;
  const leases: Lease[] = [];
  const children: ChildProcess[] = [];

  beforeEach(async () => {
    server = await NatsServer.start();
    const { nats } = await connectTo(server);
    bucket = await openBucket(nats, { name: 'test_lease', maxAgeMs: LEASE_MS, replicas: 1 });
  });
  afterEach(async () => {
    for (const child of children.splice(0)) child.kill('SIGKILL');
    for (const lease of leases.splice(0)) await lease.release();
    await closeConnections();
    await server.stop();
  });

  function candidate(name: string): Lease {
    const lease = new Lease(bucket, name, systemClock, silentLog);
    leases.push(lease);
    lease.start();
    return lease;
  }

  it('is held by one of two candidates, and both know by which', async () => {
    const [one, two] = [candidate('one'), candidate('two')];
    await until(() => one.holder !== null && one.holder === two.holder);
    expect([one, two].filter((lease) => lease.isHeld())).toHaveLength(1);
    const [holder, other] = one.isHeld() ? [one, two] : [two, one];
    expect(holder.holder).toBe(holder === one ? 'one' : 'two');
    expect(holder.token).toBeGreaterThan(0);
    expect(other.token).toBeNull();
  });

  it('goes to the other candidate when it is released, with a higher token', async () => {
    const one = candidate('one');
    await until(() => one.isHeld());
    const two = candidate('two');
    const token = one.token ?? 0;
    await one.release();
    expect(one.isHeld()).toBe(false);
    await until(() => two.isHeld());
    expect(two.token).toBeGreaterThan(token);
  });

  it('is kept by its holder, with the same token', async () => {
    const one = candidate('one');
    await until(() => one.isHeld());
    const { token } = one;
    let changes = 0;
    one.onChange(() => changes++);
    const revisions = new Set<number>();
    await until(async () => {
      const entry = await bucket.get('leader');
      expect([one.isHeld(), one.token]).toEqual([true, token]);
      return revisions.add(entry?.revision ?? 0).size === 5;
    });
    expect(changes).toBe(0);
  });

  it('ends for a holder that does not reach NATS, before another one can have it, and comes back', async () => {
    const one = candidate('one');
    await until(() => one.isHeld());
    const { token } = one;
    const before = performance.now();
    await server.kill();
    const ended = new Promise<void>((resolve) => one.onChange(resolve));
    await ended;
    expect(one.isHeld()).toBe(false);
    expect(performance.now() - before).toBeLessThan(LEASE_MS);
    await server.run();
    await until(() => one.isHeld());
    expect(one.token).toBeGreaterThan(token ?? 0);
  });

  it('is not held by a process that was frozen when it wakes; another one has it within 5 s', async () => {
    const program = join(__dirname, '../../support/nats/lease-holder.mjs');
    const child = spawn(process.execPath, [program, server.url, 'test_lease'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    children.push(child);
    const lines = createInterface({ input: child.stdout });
    expect(await once(lines, 'line')).toEqual(['held']);
    const two = candidate('two');
    await until(() => two.holder === 'frozen');
    const before = performance.now();
    child.kill('SIGSTOP');
    await until(() => two.isHeld());
    expect(performance.now() - before).toBeLessThan(5_000);
    const woke = once(lines, 'line');
    child.kill('SIGCONT');
    expect(await woke).toEqual(['woke false']);
    expect(two.isHeld()).toBe(true);
  });
});
