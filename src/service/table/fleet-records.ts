import { FLOOD_KINDS, type FloodKind } from '../../domain/fleet/sequences.js';
import { Memory } from '../../domain/memory.js';
import { machineKey } from '../machine-key.js';
import type { DrainRow } from '../ports/drain-store.js';
import type { FleetPeer, FleetPeerChange, FleetSequence, FleetStore, FleetTag } from '../ports/fleet-store.js';
import { WriteBehind, type WritePorts } from '../write-behind.js';
import type { TableQueue } from './table-queue.js';

/** The names of the floods in the table. */
const KINDS: Readonly<Record<FloodKind, FleetSequence['kind']>> = {
  link: 'links',
  topology: 'topology',
  capabilities: 'capabilities',
};

/** Saves the sequence numbers, families and wishes of tags that must be known after a restart. Without a store they are in memory only. */
export class FleetRecords {
  private readonly sequences = new Map<string, FleetSequence>();
  private readonly peers = new Map<string, FleetPeer>();
  private readonly tags = new Map<string, FleetTag>();
  private readonly unwrittenSequences = new Map<string, FleetSequence>();
  private readonly unwrittenPeers = new Map<string, FleetPeerChange>();
  private readonly unwrittenTags = new Map<string, FleetTag>();
  private readonly writeBehind: WriteBehind;

  /** @param serverId whose sequence numbers are read; other services may share the tables */
  constructor(
    private readonly serverId: number,
    private readonly ports: { readonly fleet: FleetStore | null } & WritePorts,
    queue: TableQueue,
  ) {
    const unwritten = () => this.unwrittenSequences.size + this.unwrittenPeers.size + this.unwrittenTags.size;
    const write = () => queue.run(() => this.write());
    this.writeBehind = new WriteBehind({ name: 'fleet', delayMs: 0, unwritten, write }, ports);
  }

  /** Reads the tables, once, before the first load. Rejects when the database is unavailable. */
  async read(): Promise<void> {
    const { fleet } = this.ports;
    if (fleet === null) return;
    const { sequences, peers, tags } = await fleet.load();
    for (const one of sequences) {
      if (one.machineId === this.serverId) this.sequences.set(keyOf(one), one);
    }
    for (const peer of peers) this.peers.set(machineKey(peer), peer);
    for (const tag of tags) this.tags.set(tagKey(tag), tag);
  }

  /** What an earlier process knew, by cluster (F2, F4, G3), with the drains of machines that have no row. */
  remembered(drains: Iterable<DrainRow> = []): Map<number, Memory> {
    const clusters = new Map<number, Memory>();
    const of = (clusterId: number) => {
      const known = clusters.get(clusterId) ?? new Memory();
      clusters.set(clusterId, known);
      return known;
    };
    for (const { clusterId, kind, seq } of this.sequences.values()) {
      for (const flood of FLOOD_KINDS) if (KINDS[flood] === kind) of(clusterId).sequences.set(flood, seq);
    }
    for (const { clusterId, machineId, family } of this.peers.values()) of(clusterId).families.set(machineId, family);
    for (const { clusterId, tag, wish } of this.tags.values()) of(clusterId).wishes.set(tag, wish);
    for (const { clusterId, machineId, drain } of drains) of(clusterId).drains.set(machineId, drain);
    return clusters;
  }

  /** Saves a number. The next process continues after it. */
  sequenceReserved(clusterId: number, kind: FloodKind, seq: number): void {
    const sequence = { clusterId, machineId: this.serverId, kind: KINDS[kind], seq };
    this.sequences.set(keyOf(sequence), sequence);
    if (this.ports.fleet === null) return;
    this.unwrittenSequences.set(keyOf(sequence), sequence);
    this.writeBehind.changed();
  }

  familyLearned({ clusterId, machineId, family }: FleetPeer): void {
    const peer = { clusterId, machineId, family };
    const key = machineKey(peer);
    if (this.peers.get(key)?.family === family) return;
    this.peers.set(key, peer);
    if (this.ports.fleet === null) return;
    this.unwrittenPeers.set(key, peer);
    this.writeBehind.changed();
  }

  tagChanged({ clusterId, tag, wish }: FleetTag): void {
    const row = { clusterId, tag, wish };
    this.tags.set(tagKey(row), row);
    if (this.ports.fleet === null) return;
    this.unwrittenTags.set(tagKey(row), row);
    this.writeBehind.changed();
  }

  /** This replica leads from now on, and writes what the one before it may not have written. */
  lead(): void {
    this.writeBehind.changed();
  }

  /** Resolves when all changes are written, the write has failed, or it takes too long. Never rejects. */
  async settled(): Promise<void> {
    if (this.unwrittenTags.size > 0) await this.writeBehind.settled();
  }

  /** Writes the rest, once. Rejects when that fails. */
  stop(): Promise<void> {
    return this.writeBehind.stop();
  }

  /** For callers inside the table queue. */
  private async write(): Promise<void> {
    const { fleet } = this.ports;
    if (fleet === null) return;
    await drain(this.unwrittenTags, (rows) => fleet.saveTags(rows));
    await drain(this.unwrittenSequences, (rows) => fleet.saveSequences(rows));
    await drain(this.unwrittenPeers, (rows) => fleet.savePeers(rows));
  }
}

function tagKey({ clusterId, tag }: Pick<FleetTag, 'clusterId' | 'tag'>): string {
  return `${clusterId}/${tag}`;
}

function keyOf({ clusterId, kind }: Pick<FleetSequence, 'clusterId' | 'kind'>): string {
  return `${clusterId}/${kind}`;
}

/** Saves the changes. One that changed again meanwhile stays. */
async function drain<T>(unwritten: Map<string, T>, save: (rows: readonly T[]) => Promise<void>): Promise<void> {
  if (unwritten.size === 0) return;
  const changes = [...unwritten];
  await save(changes.map(([, change]) => change));
  for (const [key, change] of changes) if (unwritten.get(key) === change) unwritten.delete(key);
}
