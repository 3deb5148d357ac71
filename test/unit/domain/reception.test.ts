import type { Machine } from '../../../src/domain/machine.js';
import { disabledPeriodMs, Registration, sourceMismatch, Watch } from '../../../src/domain/reception.js';
import { Cluster, MachineCell } from '../../../src/domain/table.js';
import { loadedMachine } from '../../support/tables/rows.js';

const machine: Machine = { ...loadedMachine(), lastAttempt: 0, enableAt: null };

function watchSince1000(timeoutMs: number): Watch {
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs, authCheck: true };
  const cell = new MachineCell(machine);
  new Cluster(1).add(cell);
  const watch = new Watch(new Registration(1, request), cell);
  watch.registration.watches.add(watch, 1000);
  return watch;
}

describe('the source of a packet', () => {
  test.each([
    { protocol: 'bin', ip: '10.0.1.2', mismatch: null },
    { protocol: 'bin', ip: '10.0.1.3', mismatch: 'ip' },
    { protocol: 'bin', ip: '::1', mismatch: 'ip' },
    { protocol: 'udp', ip: '10.0.1.2', mismatch: 'protocol' },
    { protocol: 'udp', ip: '10.0.1.3', mismatch: 'protocol' },
  ])('$protocol from $ip has the mismatch $mismatch', ({ protocol, ip, mismatch }) => {
    expect(sourceMismatch(machine, protocol, ip)).toBe(mismatch);
  });

  it('does not match a machine id that the cluster does not have', () => {
    expect(sourceMismatch(undefined, 'bin', '10.0.1.2')).toBe('machine_id');
  });

  it('does not match a machine whose host cannot be resolved', () => {
    expect(sourceMismatch({ ...machine, ip: null, ips: [] }, 'bin', '10.0.1.2')).toBe('ip');
  });

  test.each(['10.0.1.2', '::1'])('matches any address of the name of a machine (%s)', (ip) => {
    expect(sourceMismatch({ ...machine, ips: ['10.0.1.2', '::1'] }, 'bin', ip)).toBeNull();
  });

  test.each(['up', 'temp_disabled', 'down'] as const)('matches whether or not the machine is up (%s)', (state) => {
    expect(sourceMismatch({ ...machine, state }, 'bin', '10.0.1.2')).toBeNull();
  });
});

describe('silence', () => {
  test.each([
    { timeoutMs: 3000, dueAt: 4001, disabledMs: 6000 },
    { timeoutMs: 50, dueAt: 1051, disabledMs: 100 },
    { timeoutMs: 2_147_483_000, dueAt: 2_147_484_001, disabledMs: 4_294_966_000 },
  ])('of a timeout of $timeoutMs after 1000 is due at $dueAt', ({ timeoutMs, dueAt, disabledMs }) => {
    const watch = watchSince1000(timeoutMs);
    expect(watch.silentAt).toBe(dueAt);
    expect(disabledPeriodMs(watch.registration)).toBe(disabledMs);
  });

  it('is never due with a timeout of 0', () => {
    const watch = watchSince1000(0);
    expect(watch.silentAt).toBe(Number.POSITIVE_INFINITY);
  });
});
