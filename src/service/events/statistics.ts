import type { Effect } from '../../domain/effects.js';
import type { Cause, MachineState } from '../../domain/machine.js';
import type { SendError } from '../ports.js';
import { Tally } from './labelled-counter.js';
import { PacketCounts } from './packet-counts.js';

/** A socket, as long as it is open. */
export interface OpenSocket {
  /** What waits for its client, in the connection and behind its place in the logs. */
  readonly queueBytes: number;
}

/** What has happened since the start, counted where it happens; `/metrics` reads it. */
export class Statistics {
  readonly transitions = new Tally<{ readonly from: MachineState; readonly to: MachineState; readonly cause: Cause }>();
  readonly packetsReceived = new PacketCounts();
  /** One for each machine that a packet was to go to. */
  readonly packetsSent = new Tally<{ readonly result: 'sent' | SendError }>();
  readonly openSockets = new Set<OpenSocket>();
  /** By either side. */
  readonly socketsClosed = new Tally<{ readonly code: string }>();

  count(effect: Effect): void {
    if (effect.type !== 'node_state') return;
    const { from, to, cause } = effect;
    this.transitions.add({ from, to, cause });
  }
}
