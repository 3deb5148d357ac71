import { BOUNDS } from '../../wire/cluster/bounds.js';
import type { Sequence } from '../../wire/cluster/messages.js';
import { type FloodKind, isNewer, isNewerReport, NONE } from './sequences.js';

const NOBODY: ReadonlySet<number> = new Set();

/** The links that the other machines of a cluster have announced, and the last accepted sequences of their floods. Links have a direction. */
export class Topology {
  private readonly neighbours = new Map<number, ReadonlySet<number>>();
  private readonly accepted = new Map<number, Map<FloodKind, Sequence>>();
  /** The last sequences of link updates that topology messages stated and no update has followed. Apart from those of floods, whose copies may still come. */
  private readonly reported = new Map<number, Sequence>();

  neighboursOf(machineId: number): ReadonlySet<number> {
    return this.neighbours.get(machineId) ?? NOBODY;
  }

  /** Whether the machine has announced its links. */
  hasTold(machineId: number): boolean {
    return this.neighbours.has(machineId);
  }

  /** The sequence of its last known link update. */
  linkSequenceOf(machineId: number): Sequence {
    return this.reported.get(machineId) ?? this.accepted.get(machineId)?.get('link') ?? NONE;
  }

  /** Takes the sequence of a flood. Returns false for an old one; else remembers it (F1). */
  accept(origin: number, kind: FloodKind, sequence: Sequence): boolean {
    const kinds = this.accepted.get(origin) ?? new Map<FloodKind, Sequence>();
    const last = kinds.get(kind) ?? NONE;
    if (!isNewer(sequence, kind === 'link' ? this.linkSequenceOf(origin) : last)) return false;
    // A report may have set the number back: with a late timestamp of an earlier life. A copy of the last flood is still old.
    if (!isNewer(sequence, last) && !isNewerReport(sequence, last)) return false;
    this.accepted.set(origin, kinds.set(kind, sequence));
    if (kind === 'link') this.reported.delete(origin);
    return true;
  }

  /** The same for the sequence of link updates that a topology message states. */
  acceptReport(origin: number, sequence: Sequence): boolean {
    if (!isNewerReport(sequence, this.linkSequenceOf(origin))) return false;
    this.reported.set(origin, sequence);
    return true;
  }

  /** A machine has as many neighbours as a cluster has machines; more are ignored. Returns whether that changed anything. */
  setNeighbour(machineId: number, neighbour: number, isUp: boolean): boolean {
    const before = this.neighboursOf(machineId);
    if (before.has(neighbour) === isUp || (isUp && before.size >= BOUNDS.nodes)) return false;
    const after = new Set(before);
    if (isUp) after.add(neighbour);
    else after.delete(neighbour);
    this.neighbours.set(machineId, after);
    return true;
  }

  /** Returns whether that changed anything. */
  setNeighbours(machineId: number, ids: readonly number[]): boolean {
    const before = this.neighboursOf(machineId);
    const after = new Set(ids);
    if (before.size === after.size && ids.every((id) => before.has(id))) return false;
    this.neighbours.set(machineId, after);
    return true;
  }

  /** A machine has started again, and may count from 0. */
  forgetSequences(machineId: number): void {
    this.accepted.delete(machineId);
    this.reported.delete(machineId);
  }

  /** A machine has left the cluster. A later machine with its id starts without sequences and links. */
  forget(machineId: number): void {
    this.neighbours.delete(machineId);
    this.forgetSequences(machineId);
  }
}
