import { readFileSync } from 'node:fs';

/** The state of a connection that waits for an answer to its SYN (proc(5), /proc/net/tcp; net/tcp_states.h). */
const SYN_SENT = '02';

/** Whether a process is connecting to this port of 127.0.0.1, without an answer yet. */
export function connectsTo(port: number): boolean {
  const remote = `0100007F:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  const lines = readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1);
  return lines.some((line) => {
    const [, , address, state] = line.trim().split(/\s+/);
    return address === remote && state === SYN_SENT;
  });
}
