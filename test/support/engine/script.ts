import type { Command, LoadedMachine } from '../../../src/domain/commands.js';
import type { DrainRequest } from '../../../src/domain/drain.js';
import type { MachineState, MachineStatus } from '../../../src/domain/machine.js';
import { loadedMachine, receivedRun } from '../tables/rows.js';

/** One step of a script: a command, or something else that a script can do. */
export type Step =
  | { readonly type: 'command'; readonly command: Command }
  | { readonly type: 'advance'; readonly limit: number }
  | { readonly type: 'clock_jump'; readonly ms: number }
  | { readonly type: 'show'; readonly subject: string }
  | { readonly type: 'next_deadline' };

/** A step and its time. */
export interface Instruction {
  readonly atMs: number;
  readonly step: Step;
}

/** The words of a line; `name=value` is an option, a bare word a flag. */
class Words {
  readonly plain: readonly string[];
  private readonly options: ReadonlyMap<string, string>;

  constructor(text: string) {
    const words = text.trim().split(/\s+/);
    this.plain = words.filter((word) => !word.includes('='));
    this.options = new Map(
      words.filter((word) => word.includes('=')).map((word) => [word.split('=')[0] ?? '', word.split('=')[1] ?? '']),
    );
  }

  word(place: number): string {
    const word = this.plain[place];
    if (word === undefined) throw new Error(`word ${place + 1} is missing in: ${this.plain.join(' ')}`);
    return word;
  }

  /** `cluster/machine`. */
  machine(place: number): { clusterId: number; machineId: number } {
    const [clusterId, machineId] = this.word(place).split('/').map(Number);
    if (clusterId === undefined || machineId === undefined) throw new Error(`not a machine: ${this.word(place)}`);
    return { clusterId, machineId };
  }

  option(name: string): string | undefined {
    return this.options.get(name);
  }

  has(flag: string): boolean {
    return this.plain.includes(flag);
  }
}

/** Milliseconds of `500ms`, `30s`, `2h`, `30d`, or a bare number of milliseconds. */
export function milliseconds(text: string): number {
  const match = /^(-?\d+)(ms|s|m|h|d)?$/.exec(text);
  if (match === null) throw new Error(`not a duration: ${text}`);
  const units: Record<string, number> = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 };
  return Number(match[1]) * (units[match[2] ?? 'ms'] ?? 1);
}

/** `at <time> <command> …`, with a `row …` line after it for each row of a load. */
export function readInstruction(line: string, rows: readonly string[]): Instruction {
  const [, time, rest] = /^at (\S+) (.+)$/.exec(line) ?? [];
  if (time === undefined || rest === undefined) throw new Error(`not a line of a script: ${line}`);
  return { atMs: milliseconds(time), step: readStep(new Words(rest), rows) };
}

function readStep(words: Words, rows: readonly string[]): Step {
  switch (words.word(0)) {
    case 'advance':
      return { type: 'advance', limit: Number(words.option('limit') ?? Number.POSITIVE_INFINITY) };
    case 'clock_jump':
      return { type: 'clock_jump', ms: milliseconds(words.word(1)) };
    case 'show':
      return { type: 'show', subject: words.word(1) };
    case 'next_deadline':
      return { type: 'next_deadline' };
    default:
      return { type: 'command', command: readCommand(words, rows) };
  }
}

function readCommand(words: Words, rows: readonly string[]): Command {
  const type = words.word(0);
  switch (type) {
    case 'load': {
      const machines = rows.map((row) => readRow(new Words(row)));
      return { type, machines, keepChanged: words.has('keep_changed') };
    }
    case 'put_machine': {
      const status = (words.option('status') as MachineStatus | undefined) ?? null;
      return { type, machine: readRow(words), status };
    }
    case 'remove_machine':
    case 'count_failure':
      return { type, ...words.machine(1) };
    case 'address_resolved':
      return { type, ...words.machine(1), host: words.word(2), ips: words.plain.slice(3) };
    case 'set_status':
      return { type, ...words.machine(1), status: words.word(2) as MachineStatus, cause: 'operator' };
    case 'drain':
      return { type, ...words.machine(1), ...readDrain(words) };
    case 'enable_due':
      return { type, clusterId: Number(words.word(1)) };
    case 'send':
      return { type, clusterId: Number(words.word(1)), protocol: words.word(2) };
    case 'send_succeeded':
    case 'send_failed':
      return { type, ...words.machine(1), attempt: Number(words.option('attempt')) };
    case 'row_saved':
      return { type, ...words.machine(1), changes: Number(words.option('changes')) };
    default:
      return readReceivingCommand(words);
  }
}

function readReceivingCommand(words: Words): Command {
  const type = words.word(0);
  switch (type) {
    case 'register': {
      const request = {
        module: words.word(2),
        protocol: words.option('protocol') ?? 'bin',
        clusterId: Number(words.option('cluster')),
        timeoutMs: milliseconds(words.option('timeout') ?? '0'),
        authCheck: words.has('auth_check'),
      };
      return { type, number: registrationNumber(words.word(1)), request };
    }
    case 'unregister':
      return { type, number: registrationNumber(words.word(1)) };
    case 'receive': {
      const protocol = words.option('protocol') ?? 'bin';
      const [machineId, ip] = [Number(words.option('machine')), words.option('source') ?? ''];
      return { type, run: receivedRun({ module: words.word(1), protocol, machineId, ip }) };
    }
    default:
      throw new Error(`unknown command: ${type}`);
  }
}

/** `reason=… until=… by=…`; `until` in milliseconds of the wall clock, which starts at 1000000000. */
function readDrain(words: Words): DrainRequest {
  const until = words.option('until');
  return {
    reason: words.option('reason') ?? null,
    until: until === undefined ? null : Number(until),
    by: words.option('by') ?? null,
  };
}

/** `#1` is registration 1. */
export function registrationNumber(text: string): number {
  return Number(text.replace('#', ''));
}

/** `row 1/2 url=… ip=… state=… no_tries=… last_attempt=… failed_attempts=… duration=… clusterer_id=…`, all but the ids optional; with `since=…` the row has a drain. */
function readRow(words: Words): LoadedMachine {
  const { clusterId, machineId } = words.machine(1);
  const usual = loadedMachine({ clusterId, machineId });
  const [protocol = 'bin', host = '', port = ''] = (words.option('url') ?? usual.url).split(':');
  const ip = words.option('ip') ?? host;
  const lastAttempt = words.option('last_attempt') ?? '0';
  return {
    ...loadedMachine({ clusterId, machineId, protocol, host, port: Number(port), ip: ip === 'unresolved' ? null : ip }),
    clustererId: Number(words.option('clusterer_id') ?? usual.clustererId),
    description: words.option('description') ?? null,
    state: (words.option('state') ?? 'up') as MachineState,
    noTries: Number(words.option('no_tries') ?? 0),
    lastAttempt: lastAttempt === 'garbage' ? null : Number(lastAttempt),
    failedAttempts: Number(words.option('failed_attempts') ?? 3),
    durationMs: milliseconds(words.option('duration') ?? '30s'),
    drain: words.option('since') === undefined ? null : { ...readDrain(words), since: Number(words.option('since')) },
  };
}
