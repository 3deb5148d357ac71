import { hasTerminal } from './streams.js';

/** They may come twice: Ctrl-C under `npm start` comes from the terminal and from npm. */
const STOP_SIGNALS = ['SIGTERM', 'SIGINT'] as const;

/** A second one does what it does to any program: it ends the process at once. */
const STOP_ONCE_SIGNALS = ['SIGQUIT', 'SIGUSR2'] as const;

export interface SignalHandlers {
  stop(): void;
  reload(): void;
}

/** SIGHUP says that a terminal has gone, or tells a daemon to read its files again. Node hides whether it was ignored at the start, as by nohup. */
export function onSignals({ stop, reload }: SignalHandlers): void {
  for (const signal of STOP_SIGNALS) process.on(signal, () => stop());
  for (const signal of STOP_ONCE_SIGNALS) process.once(signal, () => stop());
  process.on('SIGHUP', () => (hasTerminal ? stop() : reload()));
}
