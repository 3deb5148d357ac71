import { type DestinationStream, type Logger, pino } from 'pino';
import type { Config } from '../config/variables.js';
import { logsToTerminal, standardOutput } from './streams.js';

/** The log. The format `auto` is readable lines on a terminal, otherwise JSON. @param logTo instead of standard output */
export async function openLog(
  { logLevel: level, logFormat }: Pick<Config, 'logLevel' | 'logFormat'>,
  logTo?: DestinationStream,
): Promise<Logger> {
  const terminal = logTo === undefined && logsToTerminal;
  const isPretty = logFormat === 'pretty' || (logFormat === 'auto' && terminal);
  // Not pino's destination: at exit it retries forever if the disk is full or the terminal is gone.
  const to = logTo ?? standardOutput;
  return pino({ level }, isPretty ? await prettyStream(to, terminal) : to);
}

/** pino-pretty is loaded only if needed. It runs in this thread, so that the last lines of a process are not lost. */
async function prettyStream(to: DestinationStream, colorize: boolean): Promise<DestinationStream> {
  const { prettyFactory } = await import('pino-pretty');
  const pretty = prettyFactory({
    colorize: colorize && !process.env.NO_COLOR,
    translateTime: 'SYS:yyyy-mm-dd HH:MM:ss.l',
    ignore: 'pid,hostname',
    singleLine: true,
  });
  return { write: (line) => void to.write(pretty(line)) };
}
