import type { ReceivedRun } from '../wire/frame-run.js';
import type { Timed } from './deadlines.js';
import type { Machine } from './machine.js';
import { ReceptionTable } from './reception-table.js';
import type { MachineCell } from './table.js';

/** What a module asked for with `register_module`. */
export interface RegistrationRequest {
  readonly module: string;
  readonly protocol: string;
  /** 0: packets of any cluster, and no receptions. */
  readonly clusterId: number;
  /** 0: silence is not reported. */
  readonly timeoutMs: number;
  readonly authCheck: boolean;
  /** How often to send an empty packet of the module to the cluster; 0 or undefined: never. */
  readonly keepaliveMs?: number;
}

/** A `register_module` in force, with the counts of what it received. */
export class Registration implements RegistrationRequest {
  readonly module: string;
  readonly protocol: string;
  readonly clusterId: number;
  readonly timeoutMs: number;
  readonly authCheck: boolean;
  readonly keepaliveMs: number;
  readonly receptions: ReceptionTable<MachineReception>;
  packets = 0;
  /** Packets dropped because the reception of their machine was disabled. */
  dropped = 0;
  unknownSource = 0;

  constructor(
    /** Identifies it in views and binary frames; never reused by a process. */
    readonly number: number,
    request: RegistrationRequest,
  ) {
    this.module = request.module;
    this.protocol = request.protocol;
    this.clusterId = request.clusterId;
    this.timeoutMs = request.timeoutMs;
    this.authCheck = request.authCheck;
    this.keepaliveMs = request.keepaliveMs ?? 0;
    this.receptions = new ReceptionTable(request.timeoutMs);
  }
}

export type Reception = 'receiving' | 'disabled';

/** The receiving side of one machine for one registration (R1 to R4). `ReceptionTable` holds what packets refresh. */
export class MachineReception implements Timed {
  dueAt = 0;
  slot = -1;
  disabled = false;
  /** Packets dropped in this disabled period. */
  dropped = 0;

  constructor(
    readonly registration: Registration,
    readonly cell: MachineCell,
  ) {}

  get state(): Reception {
    return this.disabled ? 'disabled' : 'receiving';
  }

  /** Monotonic milliseconds. */
  get lastPacketAt(): number {
    return this.registration.receptions.lastPacketAtOf(this.cell);
  }

  /** Monotonic milliseconds; Infinity for never. In the past while disabled. */
  get silentAt(): number {
    return this.registration.receptions.silentAt(this.cell);
  }

  get packets(): number {
    return this.registration.receptions.packetsOf(this.cell);
  }
}

/** The length of a disabled period (R2). */
export function disabledPeriodMs(registration: Registration): number {
  return 2 * registration.timeoutMs;
}

/** The part of a packet's source that fails `check`. */
export type Mismatch = 'machine_id' | 'protocol' | 'ip';

/** `check` of OpenSIPS 2.2: protocol, machine id and any IP of the machine; port and state are not compared. Null if it passes. */
export function sourceMismatch(machine: Machine | undefined, protocol: string, ip: string): Mismatch | null {
  if (machine === undefined) return 'machine_id';
  if (machine.protocol !== protocol) return 'protocol';
  return machine.ips.includes(ip) ? null : 'ip';
}

/** What a registration receives. */
export type Notification =
  | { readonly type: 'packets'; readonly run: ReceivedRun; readonly receivedAt: number }
  | { readonly type: 'timeout'; readonly machineId: number; readonly silentForMs: number }
  | {
      readonly type: 'temp_disabled';
      readonly machineId: number;
      readonly dropped: number;
      readonly remainingMs: number;
    }
  | { readonly type: 'up'; readonly machineId: number };
