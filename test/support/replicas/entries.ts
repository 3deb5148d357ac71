import type { Now } from '../../../src/ground/now.js';
import type { LoggedCommand } from '../../../src/service/log/command-log.js';
import { encodeEntry } from '../../../src/service/log/entry-codec.js';

/** The bytes of an entry. A registration through the log has the number that it would have without. */
export function entryOf(command: LoggedCommand, position: number, now: Now): Buffer {
  const place = { position, now, replica: `r${position % 3}`, by: null, reason: null };
  return encodeEntry({ ...place, command: logged(command) });
}

/** The secret id of a registration. */
export function idOf(number: number): string {
  return `id ${number}`;
}

function logged(command: LoggedCommand): LoggedCommand {
  if (command.type === 'register') {
    const { number, request } = command;
    return { type: 'registration', id: idOf(number), change: 'create', owner: null, request };
  }
  if (command.type === 'unregister') {
    return { type: 'registration', id: idOf(command.number), change: 'end', cause: 'unregistered' };
  }
  return command;
}
