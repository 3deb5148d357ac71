import { hasTerminal } from './streams.js';

/** May arrive twice: with `npm start`, Ctrl-C comes from the terminal and from npm. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** The first stops in order; the second has its default effect and ends the process at once. */
const STOP_ONCE_SIGNALS = ['SIGQUIT', 'SIGUSR2'] as const;

export interface SignalHandlers {
  stop(): void;
  reload(): void;
}

/** SIGHUP means that the terminal is gone, or asks a daemon to reload. Node does not show whether it was ignored at the start, as by nohup. */
export function onSignals({ stop, reload }: SignalHandlers): void {
  for (const signal of STOP_SIGNALS) process.on(signal, () => stop());
  for (const signal of STOP_ONCE_SIGNALS) process.once(signal, () => stop());
  process.on('SIGHUP', () => (hasTerminal ? stop() : reload()));
}
