import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config/variables.js';
import { logsToTerminal, StandardOutput } from './streams.js';

/** The log; `auto` is for people where it goes to a terminal, and JSON elsewhere. @param logTo in place of standard output */
export async function openLog(
  { logLevel: level, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>,
  logTo?: DestinationStream,
): Promise<Logger> {
  const terminal = logTo === undefined && logsToTerminal;
  const forPeople = logFormat === 'pretty' || (logFormat === 'auto' && terminal);
  // Not pino's own: at the end of the process it tries for ever to write what a full disk or a closed terminal does not take.
  const to = logTo ?? new StandardOutput();
  return pino({ level }, forPeople ? await readable(to, terminal) : to);
}

/** Loaded only where somebody reads. In this thread, so that the last words of a process are not lost. */
async function readable(to: DestinationStream, colorize: boolean): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: colorize && !process.env.NO_COLOR,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
    ignore: 'pid,hostname',
    singleLine: true,
  });
  return { write: (line) => void to.write(pretty(line)) };
}
