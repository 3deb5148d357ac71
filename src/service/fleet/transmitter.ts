import type { Effect } from '../../domain/effects.js';
import type { Target } from '../../domain/fleet/effects.js';
import type { ClusterTable } from '../../domain/table.js';
import type { Log } from '../../ground/ports.js';
import { canonicalIp } from '../../wire/address.js';
import { refusal } from '../../wire/cluster/dangers.js';
import { encodeExtra } from '../../wire/cluster/extra.js';
import type { Family } from '../../wire/cluster/family.js';
import { isFault, type MessageFault } from '../../wire/cluster/fault.js';
import { encodeInternal } from '../../wire/cluster/internal.js';
import type { ClusterMessage } from '../../wire/cluster/messages.js';
import { relayed } from '../../wire/cluster/relay.js';
import { parseMachineUrl } from '../../wire/machine-url.js';
import type { Resolver } from '../ports/resolver.js';
import type { Replies, Sender } from '../ports/sender.js';
import { PingFrames } from './ping-frames.js';

/** For messages that are the same in all families. */
const ANY_FAMILY: Family = 'E';

interface Ports {
  readonly sender: Sender;
  readonly replies: Replies;
  readonly resolver: Resolver;
  readonly log: Log;
}

/** Encodes and sends the messages of fleets. It reports no failures: the connection does, and pings without a reply do. */
export class Transmitter {
  /** Negative machine ids, by url, for machines that are not known yet: the sender keeps a connection for each machine id. */
  private readonly idsOfUrls = new Map<string, number>();
  private readonly pings = new PingFrames();

  constructor(
    private readonly table: ClusterTable,
    private readonly serverId: number,
    private readonly ports: Ports,
  ) {}

  perform(effect: Effect & { type: 'transmit' | 'relay' | 'forward' }): void {
    const { clusterId } = effect;
    switch (effect.type) {
      case 'transmit':
        this.transmit(clusterId, effect.to, effect.message, effect.family ?? ANY_FAMILY);
        break;
      case 'relay': {
        const frame = relayed(effect.frame, this.serverId);
        if (frame !== null) for (const machineId of effect.to) this.send(clusterId, machineId, frame);
        break;
      }
      case 'forward':
        // The frames are valid until the current read ends.
        this.send(clusterId, effect.to, Buffer.concat(effect.frames));
        break;
    }
  }

  private transmit(clusterId: number, to: Target, message: ClusterMessage, family: Family): void {
    const frame = this.pings.of(message) ?? this.encoded(message, family);
    if (frame === null) return;
    // A machine drops us if our replies to its pings are late.
    if ('machineId' in to) this.send(clusterId, to.machineId, frame, message.type === 'pong');
    else if ('connection' in to) this.ports.replies.reply(to.connection, frame);
    else this.sendToUrl(clusterId, to.url, frame);
  }

  /** Returns null, after the log, for a message that must not be sent. */
  private encoded(message: ClusterMessage, family: Family): Buffer | null {
    const frame = encode(message, family);
    const danger = isFault(frame) ? null : refusal(frame, family);
    if (!isFault(frame) && danger === null) {
      this.pings.keep(message, frame);
      return frame;
    }
    const reason = isFault(frame) ? `${frame.fault} ${frame.field}` : danger?.id;
    this.ports.log.error(
      { cluster_id: message.clusterId, message: message.type, family, reason },
      'fleet message not sent',
    );
    return null;
  }

  private send(clusterId: number, machineId: number, frame: Buffer, isUrgent = false): void {
    const cell = this.table.cell(clusterId, machineId);
    if (cell === undefined) return;
    const { protocol, host, port, ip } = cell.machine;
    const attempt = cell.generation;
    this.ports.sender.send({ clusterId, machineId, protocol, host, port, ip, attempt }, frame, () => {}, isUrgent);
  }

  private sendToUrl(clusterId: number, url: string, frame: Buffer): void {
    const parsed = parseMachineUrl(url);
    if ('fault' in parsed) return;
    const machineId = this.idsOfUrls.get(url) ?? -1 - this.idsOfUrls.size;
    this.idsOfUrls.set(url, machineId);
    const { protocol, host, port } = parsed;
    const send = (ip: string | null) => {
      this.ports.sender.send({ clusterId, machineId, protocol, host, port, ip, attempt: 0 }, frame, () => {});
    };
    const ip = canonicalIp(host);
    // The addresses of machines are known; a url that no machine has yet is looked up each time.
    if (ip === null) void this.ports.resolver.resolve(host).then(({ ips }) => send(ips[0] ?? null));
    else send(ip);
  }
}

function encode(message: ClusterMessage, family: Family): Buffer | MessageFault {
  return 'destination' in message ? encodeExtra(message, family) : encodeInternal(message, family);
}
