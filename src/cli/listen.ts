import type { Command } from 'commander';
import type { ModuleHandlers, PacketEvent } from '../client/events.js';
import { id, seconds } from './arguments.js';
import { decodedLine } from './decoded-line.js';
import type { Host } from './host.js';
import { type Output, outputOf } from './output.js';
import {
  gapLine,
  packetLine,
  syncEndedLine,
  syncStartedLine,
  tempDisabledLine,
  timeoutLine,
  upLine,
} from './packet-line.js';
import { keepClient } from './running.js';
import { targetOf } from './target.js';
import { warnOfUnknownCluster } from './unknown-cluster.js';

interface Options {
  readonly cluster?: number;
  readonly timeout?: number;
  readonly keepalive?: number;
  readonly authCheck: boolean;
  readonly decode?: boolean;
  readonly sync?: boolean;
  readonly protocol: string;
}

/** `clusterer listen`: registers a module and prints its notifications. */
export function addListen(program: Command, host: Host): void {
  program
    .command('listen')
    .description('print the packets of a module as they arrive')
    .argument('<module>', 'module name')
    .option('-c, --cluster <id>', 'only this cluster, and check the senders (default: every cluster, unchecked)', id)
    .option('-t, --timeout <seconds>', 'report machines silent for this many seconds (requires --cluster)', seconds)
    .option('-k, --keepalive <seconds>', 'send the machines a keepalive at this interval (requires --cluster)', seconds)
    .option('--no-auth-check', 'do not check senders (with --cluster)')
    .option('-s, --sync', 'first all that a machine holds (only in fleets of OpenSIPS 2.4 to 4.0; requires --cluster)')
    .option('-d, --decode', 'print what each packet says: its name and fields')
    .option('--protocol <name>', 'bin or bins', 'bin')
    .action(async (module: string, options: Options, command: Command) => {
      const { cluster, timeout, keepalive, authCheck, sync, decode = false, protocol } = options;
      for (const name of ['timeout', 'keepalive', 'sync'] as const) {
        if (cluster === undefined && options[name] !== undefined) {
          command.error(`error: option '--${name}' requires --cluster`);
        }
      }
      // Senders can be checked only against the machines of one cluster.
      const scope = cluster === undefined ? { clusterId: 0, authCheck: false } : { clusterId: cluster, authCheck };
      const registration = {
        module,
        protocol,
        timeout: timeout ?? 0,
        ...scope,
        ...(keepalive !== undefined && { keepalive }),
        ...(sync !== undefined && { sync }),
        // The service decodes, because it may hide fields.
        ...(decode && { decode }),
      };
      const output = outputOf(command, host);
      const target = targetOf(command);
      await warnOfUnknownCluster(target, cluster, host);
      await keepClient(target, { output, host }, (client) =>
        client.registerModule(registration, printing(output, decode)),
      );
    });
}

/** Handlers that print each notification with its method, without the secret id of the registration. */
function printing(output: Output, decode: boolean): ModuleHandlers {
  return {
    packet: ({ registration: _, ...packet }) => {
      const at = new Date(packet.received_at ?? Date.now());
      const line = () => (decode ? decodedLine(packet, at.getTime()) : packetLine(packet));
      return output.event({ method: 'packet', params: packetParams(packet) }, line, at);
    },
    timeout: ({ registration: _, ...params }) => output.event({ method: 'timeout', params }, () => timeoutLine(params)),
    tempDisabled: ({ registration: _, ...params }) =>
      output.event({ method: 'temp_disabled', params }, () => tempDisabledLine(params)),
    up: ({ registration: _, ...params }) => output.event({ method: 'up', params }, () => upLine(params)),
    syncStarted: ({ registration: _, ...params }) =>
      output.event({ method: 'sync_started', params }, () => syncStartedLine(params)),
    syncEnded: ({ registration: _, ...params }) =>
      output.event({ method: 'sync_ended', params }, () => syncEndedLine(params)),
    gap: (params) => output.event({ method: 'gap', params }, () => gapLine(params)),
  };
}

/** As the service has sent it. */
function packetParams({ payload, redacted, ...packet }: Omit<PacketEvent, 'registration'>): object {
  return redacted ? packet : { ...packet, payload: Buffer.from(payload).toString('base64') };
}
