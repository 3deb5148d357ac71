import type { Family } from '../wire/cluster/family.js';
import type { ClusterMessage } from '../wire/cluster/messages.js';
import type { ReceivedRun } from '../wire/frame-run.js';
import type { DrainRequest, StoredDrain } from './drain.js';
import type { From } from './fleet/newcomers.js';
import type { TagRequest } from './fleet/tags.js';
import type { Machine, MachineStatus } from './machine.js';
import type { Remembered } from './memory.js';
import type { RegistrationRequest } from './reception.js';
import type { Expected, Unmet } from './version.js';

/** A row of the table, parsed and resolved, with its saved drain. `lastAttempt` is null if the column holds no plausible time. */
export type LoadedMachine = Omit<Machine, 'enableAt' | 'lastAttempt' | 'drain'> & {
  readonly lastAttempt: number | null;
  readonly drain: StoredDrain | null;
};

/** Identifies a machine. */
export interface MachineId {
  readonly clusterId: number;
  readonly machineId: number;
}

/** The command changes nothing unless the machine is as `expected`. */
interface Conditional extends MachineId {
  readonly expected?: Expected | null | undefined;
}

/** The whole table, or the rows of one cluster (`only`). A row without a drain ends the drain of its machine (S7). */
export interface LoadCommand {
  readonly type: 'load';
  /** Each is read when it is loaded, not before. */
  readonly machines: Iterable<LoadedMachine>;
  /** Persistent mode: machines with unwritten changes keep their state columns. With `only`, all machines keep them. */
  readonly keepChanged: boolean;
  readonly only?: number;
  /** Undefined: this is the whole load. */
  readonly part?: LoadPart;
}

/** A load in parts. Other commands may come between two parts; those that add or remove machines must wait for the last one. */
export interface LoadPart {
  readonly isFirst: boolean;
  /** After the last row, machines without a row are removed, in parts too. */
  readonly hasMoreRows: boolean;
  /** How many machines this part removes at most. */
  readonly limit: number;
}

/** A packet is about to be sent to the machines of a cluster that are up. */
export interface SendCommand {
  readonly type: 'send';
  readonly clusterId: number;
  readonly protocol: string;
  /** To this machine, and no other. */
  readonly only?: number | undefined;
}

/** Everything that changes the engine. A command for a machine that does not exist changes nothing. */
export type Command =
  | LoadCommand
  /** Time has passed: fires at most `limit` deadlines that are due. */
  | { readonly type: 'advance'; readonly limit: number }
  /** Nothing could happen for so long, although machines may have sent: it is not silence of theirs (R8). */
  | { readonly type: 'interruption'; readonly ms: number }
  /** One row that provisioning has written. A known machine keeps its state unless `status` is given. */
  | { readonly type: 'put_machine'; readonly machine: LoadedMachine; readonly status: MachineStatus | null }
  | MachineCommand
  /** `get_nodes`: enables machines that are due (S1). */
  | { readonly type: 'enable_due'; readonly clusterId: number }
  | SendCommand
  | { readonly type: 'register'; readonly number: number; readonly request: RegistrationRequest }
  | { readonly type: 'unregister'; readonly number: number }
  | { readonly type: 'receive'; readonly run: ReceivedRun }
  | FleetCommand;

/** The commands for clusters of dialect 2.4. */
export type FleetCommand =
  /** What an earlier process knew. The service is a member of its clusters from now on: comes after the first load. */
  | { readonly type: 'begin_fleets'; readonly remembered: ReadonlyMap<number, Remembered> }
  /** A message of a fleet. `family`: that of its bytes, where they tell. `frame` is valid until the command returns. */
  | {
      readonly type: 'hear';
      readonly message: ClusterMessage;
      readonly family: Family | null;
      readonly from: From;
      readonly frame: Buffer;
    }
  /** Asks for what other machines hold, for a registration (Y1). */
  | { readonly type: 'sync'; readonly number: number }
  /** An operator gives a sharing tag to a machine (G3). */
  | ({ readonly type: 'set_tag'; readonly clusterId: number; readonly tag: string } & TagRequest)
  | { readonly type: 'release_tag'; readonly clusterId: number; readonly tag: string }
  /** An operator enables or disables the own node in a cluster, whatever its row says (L8). */
  | { readonly type: 'set_own_enabled'; readonly clusterId: number; readonly isEnabled: boolean }
  /** An operator removes a machine without a row from a cluster (J5). */
  | { readonly type: 'remove_node'; readonly clusterId: number; readonly machineId: number }
  /** The service stops: it leaves its fleets. */
  | { readonly type: 'end_fleets' };

/** The commands for one machine. */
export type MachineCommand =
  | ({ readonly type: 'remove_machine' } & MachineId)
  | ({ readonly type: 'address_resolved'; readonly host: string; readonly ips: readonly string[] } & MachineId)
  | ({
      readonly type: 'set_status';
      readonly status: MachineStatus;
      readonly cause: 'operator' | 'set_state';
    } & Conditional)
  /** Sets the machine down with a reason, an end, or both. Replaces an earlier drain; `set_status` ends it. */
  | ({ readonly type: 'drain' } & DrainRequest & Conditional)
  /** `set_state` 2 of OpenSIPS 2.2: one failed attempt, if the machine is up. */
  | ({ readonly type: 'count_failure' } & Conditional)
  | ({ readonly type: 'send_succeeded'; readonly attempt: number } & MachineId)
  | ({ readonly type: 'send_failed'; readonly attempt: number } & MachineId)
  | ({ readonly type: 'row_saved'; readonly changes: number } & MachineId);

/** A machine to send to. */
export interface Attempt {
  readonly machine: Machine;
  /** Comes back with the result: a late result does not count (S5). */
  readonly attempt: number;
  /** Over whose connection it goes: its own, or in dialect 2.4 that of the next hop. */
  readonly via: Machine;
}

/** What a load has changed so far; each of these machines also has effects. */
export interface LoadCounts {
  readonly added: number;
  readonly removed: number;
  readonly changed: number;
}

/** What the engine returns, by type of command; null for the others. */
interface Replies {
  readonly send: readonly Attempt[];
  readonly load: LoadCounts;
  /** False for a capability that has no sync, and in clusters that do not speak 2.4. */
  readonly sync: boolean;
  /** Null if the command was applied. */
  readonly set_status: Unmet | null;
  readonly drain: Unmet | null;
  readonly count_failure: Unmet | null;
}

export type Reply<C extends Command = Command> = C extends { readonly type: keyof Replies } ? Replies[C['type']] : null;
