import type { ReceivedRun } from '../wire/frame-run.js';
import type { Timed } from './deadlines.js';
import type { SyncEndReason } from './fleet/effects.js';
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
  /** Whether it asks for what other machines hold when it is made; undefined: no. */
  readonly sync?: boolean;
  /** Whether its packets are decoded; undefined: no. */
  readonly decode?: boolean;
}

/** A `register_module` in force, with the counts of what it received. */
export class Registration implements RegistrationRequest {
  readonly module: string;
  readonly protocol: string;
  readonly clusterId: number;
  readonly timeoutMs: number;
  readonly authCheck: boolean;
  readonly keepaliveMs: number;
  readonly sync: boolean;
  readonly decode: boolean;
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
    this.sync = request.sync ?? false;
    this.decode = request.decode ?? false;
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

/** Packets for a registration. `isSync`: those of a machine that was asked for what it holds; undefined: live ones. */
export interface PacketsNotification {
  readonly type: 'packets';
  readonly run: ReceivedRun;
  /** Unix milliseconds. */
  readonly receivedAt: number;
  readonly isSync?: boolean;
}

/** Why a sync ended without all that the donor holds. `unreadable`: a chunk of it stands for no packet (Y10). */
export type SyncFailure = SyncEndReason | 'unreadable';

/** What a registration receives. */
export type Notification =
  | PacketsNotification
  | { readonly type: 'timeout'; readonly machineId: number; readonly silentForMs: number }
  | {
      readonly type: 'temp_disabled';
      readonly machineId: number;
      readonly dropped: number;
      readonly remainingMs: number;
    }
  | { readonly type: 'up'; readonly machineId: number }
  | { readonly type: 'sync_started'; readonly machineId: number }
  /** `machineId` is null if no donor was found. `packets`: those of the sync, whoever sent them. `reason` is null if it is complete. */
  | {
      readonly type: 'sync_ended';
      readonly machineId: number | null;
      readonly packets: number;
      readonly reason: SyncFailure | null;
    };
