import type { ReceivedPacket } from '../wire/packet.js';
import type { DrainRequest, KeptDrain } from './drain.js';
import type { Machine, MachineStatus } from './machine.js';
import type { RegistrationRequest } from './reception.js';

/** A row of the table, read and resolved, with the drain that is kept for it. `lastAttempt` is null where the table holds no sane time. */
export type LoadedMachine = Omit<Machine, 'enableAt' | 'lastAttempt' | 'drain'> & {
  readonly lastAttempt: number | null;
  readonly drain: KeptDrain | null;
};

/** What names one machine. */
export interface OfMachine {
  readonly clusterId: number;
  readonly machineId: number;
}

/** Everything that can be asked of the engine. What names a machine that is not there changes nothing. */
export type Command =
  /**
   * The whole table, or the rows of one cluster (`only`). A drain ends when its row comes without it. `keepChanged`: rows with unwritten changes keep their three
   * state columns (persistent mode); where only one cluster is loaded, all rows in memory do.
   */
  | {
      readonly type: 'load';
      readonly machines: readonly LoadedMachine[];
      readonly keepChanged: boolean;
      readonly only?: number;
    }
  /** One row as provisioning has just written it. A machine that is there keeps its state unless a `status` was named. */
  | { readonly type: 'put_machine'; readonly machine: LoadedMachine; readonly status: MachineStatus | null }
  | ({ readonly type: 'remove_machine' } & OfMachine)
  | ({ readonly type: 'address_resolved'; readonly host: string; readonly ips: readonly string[] } & OfMachine)
  | ({
      readonly type: 'set_status';
      readonly status: MachineStatus;
      readonly cause: 'operator' | 'set_state';
    } & OfMachine)
  /** Sets the machine down for a reason, or until some time, or both; replaces a drain. A status without them ends it. */
  | ({ readonly type: 'drain' } & DrainRequest & OfMachine)
  /** `set_state` 2 of OpenSIPS 2.2: one failed attempt of a machine that is up. */
  | ({ readonly type: 'count_failure' } & OfMachine)
  /** `get_nodes`: enables what is due, so that the machines that are up can be read. */
  | { readonly type: 'enable_due'; readonly clusterId: number }
  | { readonly type: 'send'; readonly clusterId: number; readonly protocol: string }
  | ({ readonly type: 'send_succeeded'; readonly attempt: number } & OfMachine)
  | ({ readonly type: 'send_failed'; readonly attempt: number } & OfMachine)
  | ({ readonly type: 'row_saved'; readonly changes: number } & OfMachine)
  | { readonly type: 'register'; readonly number: number; readonly request: RegistrationRequest }
  | { readonly type: 'unregister'; readonly number: number }
  | { readonly type: 'receive'; readonly packet: ReceivedPacket };
