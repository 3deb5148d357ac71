import type { WebSocket } from 'ws';

export interface HeartbeatOptions {
  readonly heartbeatSeconds: number;
  readonly pongTimeoutSeconds: number;
}

/** Pings a socket at an interval until it closes. Calls `onSilence` when a pong does not come in time. */
export function startHeartbeat(socket: WebSocket, options: HeartbeatOptions, onSilence: () => void): void {
  let silence: NodeJS.Timeout | undefined;
  const beat = setInterval(() => {
    socket.ping();
    silence ??= setTimeout(onSilence, options.pongTimeoutSeconds * 1000);
  }, options.heartbeatSeconds * 1000);
  socket.on('pong', () => {
    clearTimeout(silence);
    silence = undefined;
  });
  socket.once('close', () => {
    clearInterval(beat);
    clearTimeout(silence);
  });
}
