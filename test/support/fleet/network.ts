import type { FleetEffect } from '../../../src/domain/fleet/effects.js';
import { Fleet } from '../../../src/domain/fleet/fleet.js';
import type { Member } from '../../../src/domain/fleet/member.js';
import type { From } from '../../../src/domain/fleet/newcomers.js';
import type { FleetOptions } from '../../../src/domain/fleet/options.js';
import type { Now } from '../../../src/ground/now.js';
import type { Family } from '../../../src/wire/cluster/family.js';
import type { ClusterMessage, InternalMessage, NodeDescription } from '../../../src/wire/cluster/messages.js';

/** A packet of a module, as far as its way matters. */
export interface ModulePacket {
  readonly type: 'packet';
  readonly clusterId: number;
  readonly origin: number;
  readonly destination: number;
  readonly name: string;
}

/** Something under way between two machines. */
export interface Envelope {
  readonly from: number;
  readonly to: number;
  readonly content: ClusterMessage | ModulePacket;
  readonly family: Family | null;
}

const CLUSTER = 1;

/** What each frame says: these tests are not about bytes. */
const contents = new WeakMap<Buffer, ClusterMessage | ModulePacket>();

export function frameOf(content: ClusterMessage | ModulePacket): Buffer {
  const frame = Buffer.alloc(1);
  contents.set(frame, content);
  return frame;
}

export function contentOf(frame: Buffer): ClusterMessage | ModulePacket {
  const content = contents.get(frame);
  if (content === undefined) throw new Error('a frame that nobody wrote');
  return content;
}

export function urlOf(machineId: number): string {
  return `bin:10.0.0.${machineId}:5566`;
}

/** The address of machine n is 10.0.0.n, and a connection has the number of its other end. */
export function fromMachine(machineId: number, isOutgoing = false): From {
  return { ip: `10.0.0.${machineId}`, connection: machineId, url: isOutgoing ? urlOf(machineId) : null };
}

export function descriptionOf(machineId: number): NodeDescription {
  return { url: urlOf(machineId), sipAddress: '', priority: 50, pingRetries: 3 };
}

export function member(machineId: number, fields: Partial<Member> = {}): Member {
  const ips = [`10.0.0.${machineId}`];
  return { ...descriptionOf(machineId), machineId, ips, isEnabled: true, isLearned: false, ...fields };
}

export function fleetOptions(machineId: number, fields: Partial<FleetOptions> = {}): FleetOptions {
  return {
    clusterId: CLUSTER,
    machineId,
    own: descriptionOf(machineId),
    learns: false,
    joinUrls: [],
    pingIntervalMs: 4_000,
    pingTimeoutMs: 1_000,
    nodeTimeoutMs: 60_000,
    seedFallbackMs: 5_000,
    syncTimeoutMs: 15_000,
    syncHeldBytes: 1_000,
    remembered: { sequences: new Map(), families: new Map(), wishes: new Map() },
    ...fields,
  };
}

/** Fleets that send to each other. What they send waits in `underWay`; what they send to others is lost. */
export class FleetNetwork {
  readonly fleets = new Map<number, Fleet>();
  underWay: Envelope[] = [];

  /** Adds a machine, or replaces it by one that has just started. */
  add(options: FleetOptions): Fleet {
    const fleet = new Fleet(options);
    this.fleets.set(options.machineId, fleet);
    return fleet;
  }

  /** Does something with a fleet. Returns its effects, and sends what it sends. */
  act(machineId: number, now: Now, act: (fleet: Fleet, now: Now, out: FleetEffect[]) => void): FleetEffect[] {
    const fleet = this.fleets.get(machineId);
    if (fleet === undefined) throw new Error(`no fleet ${machineId}`);
    const out: FleetEffect[] = [];
    act(fleet, now, out);
    this.underWay.push(
      ...out.flatMap((effect) => envelopes(machineId, effect)).filter(({ to }) => this.fleets.has(to)),
    );
    return out;
  }

  /** Hands something to its receiver. */
  deliver({ from, to, content, family }: Envelope, now: Now): { effects: FleetEffect[]; isForModules: boolean } {
    let isForModules = false;
    const effects = this.act(to, now, (fleet, at, out) => {
      const frame = frameOf(content);
      const isOutgoing = content.type === 'unknown_id';
      if (content.type === 'packet') isForModules = fleet.packetReceived(content, fromMachine(from), [frame], at, out);
      else fleet.received(content, family, fromMachine(from, isOutgoing), frame, at, out);
    });
    return { effects, isForModules };
  }
}

/** What an effect sends. */
export function envelopes(from: number, effect: FleetEffect): Envelope[] {
  switch (effect.type) {
    case 'transmit': {
      const { to, message, family } = effect;
      return [{ from, to: machineOf(to), content: message, family }];
    }
    case 'relay': {
      const content = contentOf(effect.frame) as Extract<InternalMessage, { path: readonly number[] }>;
      const relayed = { ...content, path: [...content.path, from] };
      return effect.to.map((to) => ({ from, to, content: relayed, family: null }));
    }
    case 'forward':
      return [{ from, to: effect.to, content: contentOf(effect.frames[0] as Buffer), family: null }];
    default:
      return [];
  }
}

function machineOf(to: Extract<FleetEffect, { type: 'transmit' }>['to']): number {
  if ('machineId' in to) return to.machineId;
  if ('connection' in to) return to.connection;
  return Number(/10\.0\.0\.(\d+)/.exec(to.url)?.[1]);
}
