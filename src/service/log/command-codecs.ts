import type { LoadCommand } from '../../domain/commands.js';
import type { Dialect } from '../../wire/dialects/dialect.js';
import { V22 } from '../../wire/dialects/v22.js';
import { v24 } from '../../wire/dialects/v24.js';
import { joined, type ReceivedRun } from '../../wire/frame-run.js';
import type { LoggedCommand } from './command-log.js';

type Type = LoggedCommand['type'];
type Of<T extends Type> = LoggedCommand & { readonly type: T };

/** A command as JSON, and the bytes that stay bytes. */
export interface Parts {
  readonly json: unknown;
  readonly bytes: Buffer;
}

interface CommandCodec<T extends Type> {
  split(command: Of<T>): Parts;
  join(parts: Parts): Of<T>;
}

const NO_BYTES = Buffer.alloc(0);
const DIALECTS: Readonly<Record<Dialect['id'], Dialect>> = { '2.2': V22, '2.4': v24 };

/** For a command of plain values, maps and byte arrays. */
function plain<T extends Type>(): CommandCodec<T> {
  return { split: (command) => ({ json: command, bytes: NO_BYTES }), join: ({ json }) => json as Of<T> };
}

/** One row for each command: a command without one does not compile. */
export const COMMAND_CODECS: { readonly [T in Type]: CommandCodec<T> } = {
  load: {
    split: (command) => ({ json: { ...command, machines: [...command.machines] }, bytes: NO_BYTES }),
    join: ({ json }) => json as LoadCommand,
  },
  receive: {
    split: ({ run }) => ({ json: withoutBytes(run), bytes: joined(run) }),
    join: ({ json, bytes }) => ({ type: 'receive', run: runOf(json as RunFields, bytes) }),
  },
  hear: {
    split: ({ frame, ...command }) => ({ json: command, bytes: frame }),
    join: ({ json, bytes }) => ({ ...(json as Omit<Of<'hear'>, 'frame'>), frame: bytes }),
  },
  advance: plain(),
  interruption: plain(),
  put_machine: plain(),
  remove_machine: plain(),
  remove_node: plain(),
  set_own_enabled: plain(),
  set_tag: plain(),
  release_tag: plain(),
  address_resolved: plain(),
  set_status: plain(),
  drain: plain(),
  count_failure: plain(),
  send_succeeded: plain(),
  send_failed: plain(),
  row_saved: plain(),
  enable_due: plain(),
  send: plain(),
  register: plain(),
  unregister: plain(),
  registration: plain(),
  begin_fleets: plain(),
  sync: plain(),
  end_fleets: plain(),
  report: plain(),
  lead: plain(),
  checkpoint: plain(),
};

type RunFields = Omit<ReceivedRun, 'dialect' | 'pieces'>;

function withoutBytes({ head, count, protocol, source, connection, url }: ReceivedRun): RunFields {
  return { head, count, protocol, source, connection, url };
}

function runOf(fields: RunFields, frames: Buffer): ReceivedRun {
  return { ...fields, dialect: DIALECTS[fields.head.dialect], pieces: [frames] };
}
