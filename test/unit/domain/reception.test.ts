import type { Machine } from '../../../src/domain/machine.js';
import { disabledPeriodMs, MachineReception, Registration, sourceMismatch } from '../../../src/domain/reception.js';
import { Cluster, MachineCell } from '../../../src/domain/table.js';
import { loadedMachine } from '../../support/tables/rows.js';

const machine: Machine = { ...loadedMachine(), lastAttempt: 0, enableAt: null };

function receptionSince1000(timeoutMs: number): MachineReception {
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs, authCheck: true };
  const cell = new MachineCell(machine);
  new Cluster(1).add(cell);
  const reception = new MachineReception(new Registration(1, request), cell);
  reception.registration.receptions.add(reception, 1000);
  return reception;
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

  it('fails for a machine id that the cluster does not have', () => {
    expect(sourceMismatch(undefined, 'bin', '10.0.1.2')).toBe('machine_id');
  });

  it('fails for a machine whose host cannot be resolved', () => {
    expect(sourceMismatch({ ...machine, ip: null, ips: [] }, 'bin', '10.0.1.2')).toBe('ip');
  });

  test.each(['10.0.1.2', '::1'])('passes with any address of the host (%s)', (ip) => {
    expect(sourceMismatch({ ...machine, ips: ['10.0.1.2', '::1'] }, 'bin', ip)).toBeNull();
  });

  test.each(['up', 'temp_disabled', 'down'] as const)('passes whatever the state of the machine (%s)', (state) => {
    expect(sourceMismatch({ ...machine, state }, 'bin', '10.0.1.2')).toBeNull();
  });
});

describe('silence', () => {
  test.each([
    { timeoutMs: 3000, dueAt: 4001, disabledMs: 6000 },
    { timeoutMs: 50, dueAt: 1051, disabledMs: 100 },
    { timeoutMs: 2_147_483_000, dueAt: 2_147_484_001, disabledMs: 4_294_966_000 },
  ])('of a timeout of $timeoutMs after 1000 is due at $dueAt', ({ timeoutMs, dueAt, disabledMs }) => {
    const reception = receptionSince1000(timeoutMs);
    expect(reception.silentAt).toBe(dueAt);
    expect(disabledPeriodMs(reception.registration)).toBe(disabledMs);
  });

  it('is never due with a timeout of 0', () => {
    const reception = receptionSince1000(0);
    expect(reception.silentAt).toBe(Number.POSITIVE_INFINITY);
  });
});
