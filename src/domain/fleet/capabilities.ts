import type { NodeCapabilities } from '../../wire/cluster/messages.js';

interface Told {
  readonly isSynced: boolean;
  /** The machine has announced it itself. */
  readonly isFirstHand: boolean;
}

/** A capability that is new, or whose state changed. */
export interface CapabilityChange {
  readonly machineId: number;
  readonly name: string;
  /** Null before. */
  readonly from: boolean | null;
  readonly to: boolean;
  /** Nothing was known of the machine before: it may have had this state for long. */
  readonly isFirst: boolean;
}

/** The most names that are kept of a machine. Daemons have about twenty. */
const MOST_NAMES = 128;

/** The capabilities of the other machines of a cluster. A name that a machine no longer lists keeps its state (F5). */
export class Capabilities {
  private readonly byMachine = new Map<number, Map<string, Told>>();

  /** Names and whether they are synced, of one machine. */
  *of(machineId: number): Iterable<readonly [name: string, isSynced: boolean]> {
    for (const [name, { isSynced }] of this.byMachine.get(machineId) ?? []) yield [name, isSynced];
  }

  isSynced(machineId: number, name: string): boolean {
    return this.byMachine.get(machineId)?.get(name)?.isSynced === true;
  }

  /** Takes what `origin` announces of these machines, and returns what has changed. What a machine announces itself is not replaced by what others announce of it. */
  hear(origin: number, nodes: readonly NodeCapabilities[]): CapabilityChange[] {
    const changes: CapabilityChange[] = [];
    for (const { machineId, capabilities } of nodes) {
      const isFirst = !this.byMachine.has(machineId);
      const known = this.byMachine.get(machineId) ?? new Map<string, Told>();
      this.byMachine.set(machineId, known);
      const isFirstHand = machineId === origin;
      for (const { name, isSynced } of capabilities) {
        const before = known.get(name);
        if (before?.isFirstHand && !isFirstHand) continue;
        if (before === undefined && known.size >= MOST_NAMES) continue;
        known.set(name, { isSynced, isFirstHand });
        if (before?.isSynced !== isSynced) {
          changes.push({ machineId, name, from: before?.isSynced ?? null, to: isSynced, isFirst });
        }
      }
    }
    return changes;
  }

  forget(machineId: number): void {
    this.byMachine.delete(machineId);
  }
}
