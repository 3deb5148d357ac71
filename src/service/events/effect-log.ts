import type { Effect } from '../../domain/effects.js';
import type { Clock, Log } from '../../ground/ports.js';
import { LogThrottle } from '../../limits/log-throttle.js';
import { formatAddress } from '../../wire/address.js';
import type { Origin } from '../engine-loop.js';
import { drainView } from '../views/drain-view.js';
import { askedBy } from './actor-of.js';

/** Writes the log line of an effect that an operator wants to read about. */
export class EffectLog {
  private readonly unknownSources: LogThrottle;

  constructor(private readonly ports: { readonly clock: Clock; readonly log: Log }) {
    this.unknownSources = new LogThrottle(() => ports.clock.now().monotonicMs);
  }

  write(effect: Effect, origin: Origin): void {
    switch (effect.type) {
      case 'node_state': {
        const { machine, from, to, cause } = effect;
        const { clusterId, machineId, noTries } = machine;
        const by = askedBy(origin, cause);
        const fields = { cluster_id: clusterId, machine_id: machineId, from, to, cause, no_tries: noTries };
        this.ports.log.info({ ...fields, ...(by !== null && { by }) }, 'machine changed its state');
        break;
      }
      case 'drain_changed': {
        const { clusterId, machineId, drain } = effect.machine;
        const fields = { cluster_id: clusterId, machine_id: machineId, cause: effect.cause };
        const by = askedBy(origin, effect.cause);
        const told = drain === null ? by !== null && { by } : drainView(drain);
        this.ports.log.info({ ...fields, ...told }, drain === null ? 'drain ended' : 'machine drained');
        break;
      }
      case 'reception': {
        const { registration, machineId, from, to } = effect;
        const { number, module, clusterId } = registration;
        const fields = { module, number, cluster_id: clusterId, machine_id: machineId, from, to };
        // The module is told, and thousands may fall silent at once.
        this.ports.log.debug(fields, 'reception of a machine changed');
        break;
      }
      case 'machine_added':
      case 'machine_changed':
      case 'machine_removed': {
        const { clusterId, machineId, url } = effect.machine;
        this.ports.log.debug({ cluster_id: clusterId, machine_id: machineId, url }, effect.type.replace('_', ' '));
        break;
      }
      case 'unknown_source':
        this.unknownSource(effect);
        break;
      default:
        break;
    }
  }

  /** A stranger may send as fast as it likes; the log must not follow. */
  private unknownSource({ registration, packet, mismatch }: Effect & { type: 'unknown_source' }): void {
    const { number, module, clusterId } = registration;
    this.unknownSources.log(`${number}/${mismatch}`, (suppressed) => {
      const source = formatAddress(packet.source.ip, packet.source.port);
      const { machineId } = packet;
      const fields = { module, number, cluster_id: clusterId, machine_id: machineId, source, mismatch, suppressed };
      this.ports.log.warn(fields, 'packet dropped: its source does not pass the check');
    });
  }
}
