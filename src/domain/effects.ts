import type { ReceivedPacket } from '../wire/packet.js';
import type { Drain } from './drain.js';
import type { Cause, Machine, MachineState } from './machine.js';
import type { Mismatch, Notification, Reception, Registration } from './reception.js';

/** What the outside must do, or may want to know, after a command or an advance of time; in order. */
export type Effect =
  | { readonly type: 'send'; readonly machine: Machine; readonly attempt: number }
  | { readonly type: 'disconnect'; readonly clusterId: number; readonly machineId: number }
  | { readonly type: 'notify'; readonly registration: Registration; readonly notification: Notification }
  /** A packet whose source does not pass `check` was dropped for this registration. */
  | {
      readonly type: 'unknown_source';
      readonly registration: Registration;
      readonly packet: ReceivedPacket;
      readonly mismatch: Mismatch;
    }
  /** No registration has this module name and protocol. */
  | { readonly type: 'unclaimed'; readonly packet: ReceivedPacket }
  /** A row has changed in a column that persistent mode writes. */
  | { readonly type: 'row_changed' }
  /** A load is done; the machines counted here also have effects of their own. */
  | { readonly type: 'loaded'; readonly added: number; readonly removed: number; readonly changed: number }
  | {
      readonly type: 'node_state';
      readonly machine: Machine;
      readonly from: MachineState;
      readonly to: MachineState;
      readonly cause: Cause;
    }
  /** The machine's drain is another one than before, or none. */
  | { readonly type: 'drain_changed'; readonly machine: Machine; readonly from: Drain | null; readonly cause: Cause }
  | { readonly type: 'machine_added'; readonly machine: Machine }
  /** Its url, address, description, limit, duration or row id, or its drain while it stays down; never only its state. */
  | { readonly type: 'machine_changed'; readonly machine: Machine }
  | { readonly type: 'machine_removed'; readonly machine: Machine }
  | {
      readonly type: 'reception';
      readonly registration: Registration;
      readonly machineId: number;
      readonly from: Reception;
      readonly to: Reception;
    };
