import type { ReceivedPacket } from '../wire/packet.js';
import type { Timed } from './deadlines.js';
import type { Machine } from './machine.js';
import { Watches } from './reception-table.js';
import type { MachineCell } from './table.js';

/** What a module asked for with `register_module`. */
export interface RegistrationRequest {
  readonly module: string;
  readonly protocol: string;
  /** 0: any cluster; watches nothing. */
  readonly clusterId: number;
  /** 0: watch nothing. */
  readonly timeoutMs: number;
  readonly authCheck: boolean;
  /** How often an empty packet of the module goes to the cluster; 0 or nothing: never. */
  readonly keepaliveMs?: number;
}

/** One `register_module` that is in force, with what it has received. */
export class Registration implements RegistrationRequest {
  readonly module: string;
  readonly protocol: string;
  readonly clusterId: number;
  readonly timeoutMs: number;
  readonly authCheck: boolean;
  readonly keepaliveMs: number;
  readonly watches: Watches<Watch>;
  packets = 0;
  /** Packets of machines whose reception was disabled. */
  dropped = 0;
  unknownSource = 0;

  constructor(
    /** Stands for it in public views and binary frames; never used twice in a process. */
    readonly number: number,
    request: RegistrationRequest,
  ) {
    this.module = request.module;
    this.protocol = request.protocol;
    this.clusterId = request.clusterId;
    this.timeoutMs = request.timeoutMs;
    this.authCheck = request.authCheck;
    this.keepaliveMs = request.keepaliveMs ?? 0;
    this.watches = new Watches(request.timeoutMs);
  }
}

export type Reception = 'receiving' | 'disabled';

/** The receiving side of one machine for one registration (docs/semantics.md). What packets refresh is kept by `Watches`. */
export class Watch implements Timed {
  dueAt = 0;
  slot = -1;
  disabled = false;
  /** Packets dropped in this disabled period. */
  dropped = 0;

  constructor(
    readonly registration: Registration,
    readonly cell: MachineCell,
  ) {}

  get reception(): Reception {
    return this.disabled ? 'disabled' : 'receiving';
  }

  /** Monotonic milliseconds. */
  get lastPacketAt(): number {
    return this.registration.watches.lastPacketAtOf(this.cell);
  }

  /** Monotonic milliseconds; Infinity for never. It lies in the past as long as the watch is disabled. */
  get silentAt(): number {
    return this.registration.watches.silentAt(this.cell);
  }

  get packets(): number {
    return this.registration.watches.packetsOf(this.cell);
  }
}

/** How long the disabled period of a registration is. */
export function disabledPeriodMs(registration: Registration): number {
  return 2 * registration.timeoutMs;
}

/** Which part of a packet's source does not pass `check`; null when all of it does. */
export type Mismatch = 'machine_id' | 'protocol' | 'ip';

/** `check` of OpenSIPS 2.2: protocol, machine id and any IP of one machine; port and state do not matter. */
export function sourceMismatch(machine: Machine | undefined, protocol: string, ip: string): Mismatch | null {
  if (machine === undefined) return 'machine_id';
  if (machine.protocol !== protocol) return 'protocol';
  return machine.ips.includes(ip) ? null : 'ip';
}

/** What a registration is told. */
export type Notification =
  | { readonly type: 'packet'; readonly packet: ReceivedPacket; readonly receivedAt: number }
  | { readonly type: 'timeout'; readonly machineId: number; readonly silentForMs: number }
  | {
      readonly type: 'temp_disabled';
      readonly machineId: number;
      readonly dropped: number;
      readonly remainingMs: number;
    }
  | { readonly type: 'up'; readonly machineId: number };
