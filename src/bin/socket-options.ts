/**
 * For BIN connections in both directions. Keepalive finds a peer that vanished while the connection was idle. libuv probes ten
 * times, one second apart, so this takes 25 s.
 */
export const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 } as const;
