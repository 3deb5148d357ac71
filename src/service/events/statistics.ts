import type { FaultReason } from '../../domain/fleet/effects.js';
import type { Cause, MachineState } from '../../domain/machine.js';
import type { SendError } from '../ports/sender.js';
import type { Event } from './event.js';
import { FleetStatistics } from './fleet-statistics.js';
import { LabelledCounter } from './labelled-counter.js';
import { PacketCounts } from './packet-counts.js';

/** A socket, as long as it is open. */
export interface OpenSocket {
  /** Bytes that wait for its client: in the connection, and in the logs after its position. */
  readonly queueBytes: number;
}

/** Counts since the start of the process, for `/metrics`. */
export class Statistics {
  readonly transitions = new LabelledCounter<{
    readonly from: MachineState;
    readonly to: MachineState;
    readonly cause: Cause;
  }>();
  readonly packetsReceived = new PacketCounts();
  /** Counts 1 for each machine that a packet is sent to. */
  readonly packetsSent = new LabelledCounter<{ readonly result: 'sent' | SendError }>();
  /** What was dropped in clusters of dialect 2.4. */
  readonly fleetFaults = new LabelledCounter<{ readonly reason: FaultReason }>();
  readonly fleets = new FleetStatistics();
  readonly openSockets = new Set<OpenSocket>();
  /** Closed by either side. */
  readonly socketsClosed = new LabelledCounter<{ readonly code: string }>();

  count(event: Event): void {
    this.fleets.count(event);
    if (event.kind === 'node_state') {
      const { from, to, cause } = event;
      this.transitions.add({ from, to, cause });
    } else if (event.kind === 'fleet_fault') {
      const { reason } = event;
      this.fleetFaults.add({ reason });
    } else if (event.kind === 'registration') {
      const { registration } = event.log;
      if (event.change === 'made') this.packetsReceived.began(registration);
      else this.packetsReceived.ended(registration);
    }
  }
}
