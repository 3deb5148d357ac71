import { ServiceError } from '../../ground/errors.js';
import type { Leadership } from '../leadership.js';
import { textOf, valueFrom } from '../log/json-values.js';
import { PreconditionFailed } from '../views/versioned.js';

/** The calls that only the leader runs, by the part of the service that has them. */
export const LEADER_CALLS = {
  status: ['setStatus', 'setState'],
  provisioner: ['create', 'put', 'remove'],
  loader: ['reload'],
  modules: ['sendTo', 'sendPacket'],
  fleetCalls: ['runMi', 'sendMessage', 'setOwnEnabled', 'removeNode'],
  tags: ['set', 'release', 'assertOwner'],
} as const;

export type LeaderPart = keyof typeof LEADER_CALLS;

/** A call on its way to the leader. The arguments are plain values and bytes. */
export interface LeaderCall {
  readonly part: LeaderPart;
  readonly method: string;
  readonly args: readonly unknown[];
}

/** Runs a call at the leader. Rejects with the error of the call, `no_leader`, or `leader_changed` when nobody knows whether it ran. */
export type ToLeader = (call: LeaderCall) => Promise<unknown>;

type Method = (...args: unknown[]) => unknown;
/** What has the methods of `LEADER_CALLS`. */
export type LeaderParts = { readonly [P in LeaderPart]: object };

/** Replaces the methods of a part: they run here while this replica leads, and at the leader otherwise. */
export function atLeader<T extends object>(part: LeaderPart, target: T, leadership: Leadership, toLeader: ToLeader): T {
  const methods: readonly string[] = LEADER_CALLS[part];
  return new Proxy(target, {
    get(_, name) {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      const run = (value as Method).bind(target);
      if (typeof name !== 'string' || !methods.includes(name)) return run;
      return (...args: unknown[]) => (leadership.isLeading ? run(...args) : toLeader({ part, method: name, args }));
    },
  });
}

interface Outcome {
  readonly result?: unknown;
  readonly error?: Failure;
}

interface Failure {
  readonly code: ServiceError['code'];
  readonly detail: string;
  readonly extra: ServiceError['extra'];
  /** Only of `precondition_failed`. */
  readonly precondition?: Pick<PreconditionFailed, 'reason' | 'current'>;
}

/** A call as bytes. */
export function encodeCall(call: LeaderCall): Buffer {
  return Buffer.from(textOf(call));
}

/** Runs a call that another replica sent, and returns its outcome as bytes. Rejects only for a bug. */
export async function runCall(bytes: Buffer, parts: LeaderParts): Promise<Buffer> {
  const { part, method, args } = valueFrom(bytes.toString()) as LeaderCall;
  const isKnown = Object.hasOwn(LEADER_CALLS, part) && (LEADER_CALLS[part] as readonly string[]).includes(method);
  if (!isKnown) throw new RangeError(`A replica of another release has called ${part}.${method}.`);
  const run = Reflect.get(parts[part], method) as Method;
  return Buffer.from(textOf(await outcomeOf(() => run.apply(parts[part], [...args]))));
}

/** Returns the result of a call. @throws the `ServiceError` of the call */
export function decodeOutcome(bytes: Buffer): unknown {
  const { result, error } = valueFrom(bytes.toString()) as Outcome;
  if (error === undefined) return result;
  if (error.precondition !== undefined) {
    throw new PreconditionFailed(error.precondition.reason, error.precondition.current);
  }
  throw new ServiceError(error.code, error.detail, error.extra);
}

async function outcomeOf(run: () => unknown): Promise<Outcome> {
  try {
    return { result: await run() };
  } catch (error) {
    if (!(error instanceof ServiceError)) throw error;
    const { code, message, extra } = error;
    const failure: Failure = { code, detail: message, extra };
    if (!(error instanceof PreconditionFailed)) return { error: failure };
    const { reason, current } = error;
    return { error: { ...failure, precondition: { reason, current } } };
  }
}
