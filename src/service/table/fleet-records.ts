import type { Clock, Log } from '../../ground/ports.js';
import type { Family } from '../../wire/cluster/family.js';
import { machineKey } from '../machine-key.js';
import type { FleetPeerChange, FleetSequence, FleetStore } from '../ports.js';
import { WriteBehind } from '../write-behind.js';
import type { TableQueue } from './table-queue.js';

/**
 * How far a restart skips ahead. A process that was killed may have used numbers that were not written; peers drop a number that they
 * have seen.
 */
const SKIPPED = 64;

/** Keeps what a member of clusters of dialect 2.4 must know after a restart. Without a store it is in memory only. */
export class FleetRecords {
  private readonly sequences = new Map<string, FleetSequence>();
  private readonly families = new Map<string, Family>();
  private readonly unwrittenSequences = new Map<string, FleetSequence>();
  private readonly unwrittenPeers = new Map<string, FleetPeerChange>();
  private readonly writeBehind: WriteBehind;

  /** @param serverId whose sequence numbers are read; other services may share the tables */
  constructor(
    private readonly serverId: number,
    private readonly ports: { readonly fleet: FleetStore | null; readonly clock: Clock; readonly log: Log },
    queue: TableQueue,
  ) {
    const unwritten = () => this.unwrittenSequences.size + this.unwrittenPeers.size;
    const write = () => queue.run(() => this.write());
    this.writeBehind = new WriteBehind({ name: 'fleet', delayMs: 0, unwritten, write }, ports);
  }

  /** Reads the tables, once, before the first load. Rejects when the database is unavailable. */
  async read(): Promise<void> {
    const { fleet } = this.ports;
    if (fleet === null) return;
    const { sequences, peers } = await fleet.load();
    for (const one of sequences) {
      if (one.machineId === this.serverId) this.sequences.set(keyOf(one), { ...one, seq: one.seq + SKIPPED });
    }
    for (const peer of peers) this.families.set(machineKey(peer), peer.family);
  }

  /** The last sequence number of this kind that may have been used; null: none is known. */
  lastUsed(clusterId: number, kind: FleetSequence['kind']): number | null {
    return this.sequences.get(keyOf({ clusterId, kind }))?.seq ?? null;
  }

  /** The wire family of a machine; null: it is not known. */
  familyOf(machine: { readonly clusterId: number; readonly machineId: number }): Family | null {
    return this.families.get(machineKey(machine)) ?? null;
  }

  sequenceUsed(clusterId: number, kind: FleetSequence['kind'], seq: number): void {
    const sequence = { clusterId, machineId: this.serverId, kind, seq };
    this.sequences.set(keyOf(sequence), sequence);
    if (this.ports.fleet === null) return;
    this.unwrittenSequences.set(keyOf(sequence), sequence);
    this.writeBehind.changed();
  }

  /** @param peer `family` null: the machine was removed, or speaks another family now and which one is not known */
  familyChanged(peer: FleetPeerChange): void {
    const key = machineKey(peer);
    if ((this.families.get(key) ?? null) === peer.family) return;
    if (peer.family === null) this.families.delete(key);
    else this.families.set(key, peer.family);
    if (this.ports.fleet === null) return;
    this.unwrittenPeers.set(key, peer);
    this.writeBehind.changed();
  }

  /** Writes the rest, once. Rejects when that fails. */
  stop(): Promise<void> {
    return this.writeBehind.stop();
  }

  /** For callers inside the table queue. */
  private async write(): Promise<void> {
    const { fleet } = this.ports;
    if (fleet === null) return;
    await drain(this.unwrittenSequences, (rows) => fleet.saveSequences(rows));
    await drain(this.unwrittenPeers, (rows) => fleet.savePeers(rows));
  }
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
