import type { ReceivedRun } from '../wire/frame-run.js';
import type { Drain } from './drain.js';
import type { FleetEffect } from './fleet/effects.js';
import type { Cause, Machine, MachineState } from './machine.js';
import type { Mismatch, Notification, Reception, Registration } from './reception.js';

/** What the service must do, or may want to know, after a command or a deadline; in order. */
export type Effect =
  /** Of clusters of dialect 2.4. Those that change the state of a machine have become `node_state` and the like. */
  | Exclude<FleetEffect, { type: 'temp_disabled' | 'enabled' | 'learned' | 'forgotten' }>
  | { readonly type: 'disconnect'; readonly clusterId: number; readonly machineId: number }
  | { readonly type: 'notify'; readonly registration: Registration; readonly notification: Notification }
  /** Packets were dropped for this registration, because their source does not pass `check` (R5). */
  | {
      readonly type: 'unknown_source';
      readonly registration: Registration;
      readonly run: ReceivedRun;
      readonly mismatch: Mismatch;
    }
  /** No registration has the module name and protocol of these packets. */
  | { readonly type: 'unclaimed'; readonly run: ReceivedRun }
  /** A row must be written in persistent mode (S6). */
  | { readonly type: 'row_changed' }
  | {
      readonly type: 'node_state';
      readonly machine: Machine;
      readonly from: MachineState;
      readonly to: MachineState;
      readonly cause: Cause;
    }
  /** A drain began, changed or ended. */
  | { readonly type: 'drain_changed'; readonly machine: Machine; readonly from: Drain | null; readonly cause: Cause }
  | { readonly type: 'machine_added'; readonly machine: Machine }
  /** Its url, address, description, limit, duration or row id changed, or its drain while it stayed down. Not sent for a change of state alone. */
  | { readonly type: 'machine_changed'; readonly machine: Machine }
  | { readonly type: 'machine_removed'; readonly machine: Machine }
  | {
      readonly type: 'reception';
      readonly registration: Registration;
      readonly machineId: number;
      readonly from: Reception;
      readonly to: Reception;
    };
