/**
 * For every BIN connection, in either direction. Keepalive finds peers that vanished while the connection was idle: libuv probes ten
 * times, one second apart, so that takes 25 s.
 */
export const SOCKET_OPTIONS = { noDelay: true, keepAlive: true, keepAliveInitialDelay: 15_000 } as const;
