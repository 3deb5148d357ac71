import type { ClusterMessage } from '../../wire/cluster/messages.js';

/**
 * The frames of pings, and of replies without ids. They are the same for all machines of a cluster and in all families, and nearly all that a quiet
 * fleet sends: each is encoded and checked once.
 */
export class PingFrames {
  /** At most three for each cluster: a process has one id in all of them. */
  private readonly frames = new Map<string, Buffer>();

  of(message: ClusterMessage): Buffer | undefined {
    const key = keyOf(message);
    return key === null ? undefined : this.frames.get(key);
  }

  /** Keeps the frame if the message is of these. */
  keep(message: ClusterMessage, frame: Buffer): void {
    const key = keyOf(message);
    if (key !== null) this.frames.set(key, frame);
  }
}

/** Null for another message. */
function keyOf(message: ClusterMessage): string | null {
  const { type, clusterId, origin } = message;
  if (type === 'ping') return `${clusterId} ${origin} ping ${message.wantsIds}`;
  if (type === 'pong' && message.machineIds.length === 0) return `${clusterId} ${origin} pong`;
  return null;
}
