import type { Command } from 'commander';
import type { ModuleHandlers } from '../client/events.js';
import { id, outputOf, seconds } from './arguments.js';
import type { Output } from './output.js';
import { gapLine, packetLine, tempDisabledLine, timeoutLine, upLine } from './packet-line.js';
import { keepClient } from './running.js';
import { targetOf } from './target.js';
import { warnOfUnknownCluster } from './unknown-cluster.js';

interface Options {
  readonly cluster?: number;
  readonly timeout?: number;
  readonly keepalive?: number;
  readonly authCheck: boolean;
  readonly protocol: string;
}

/** `clusterer listen`: registers a module and prints what it is told, as it comes. */
export function addListen(program: Command): void {
  program
    .command('listen')
    .description('print the packets of a module as they come')
    .argument('<module>', 'name of the module')
    .option('-c, --cluster <id>', 'of this cluster, with their senders checked; else of every one, unchecked', id)
    .option('-t, --timeout <seconds>', 'silence of a machine that is told; needs --cluster', seconds)
    .option('-k, --keepalive <seconds>', 'tells the machines so often that somebody is here; needs --cluster', seconds)
    .option('--no-auth-check', 'with --cluster: whoever sent them')
    .option('--protocol <name>', 'bin or bins', 'bin')
    .action(async (module: string, options: Options, command: Command) => {
      const { cluster, timeout, keepalive, authCheck, protocol } = options;
      if (cluster === undefined && timeout !== undefined) command.error("error: option '--timeout' needs --cluster");
      if (cluster === undefined && keepalive !== undefined)
        command.error("error: option '--keepalive' needs --cluster");
      // Every cluster at once is to be had without the check alone.
      const where = cluster === undefined ? { clusterId: 0, authCheck: false } : { clusterId: cluster, authCheck };
      const asked = {
        module,
        protocol,
        timeout: timeout ?? 0,
        ...where,
        ...(keepalive !== undefined && { keepalive }),
      };
      const output = outputOf(command);
      const target = targetOf(command);
      await warnOfUnknownCluster(target, cluster);
      await keepClient(target, output, (client) => client.registerModule(asked, printing(output)));
    });
}

/** Prints each with its method; the secret id of the registration stays out. */
function printing(output: Output): ModuleHandlers {
  return {
    packet: ({ registration: _, ...packet }) => {
      const params = { ...packet, payload: Buffer.from(packet.payload).toString('base64') };
      const at = new Date(packet.received_at ?? Date.now());
      return output.event({ method: 'packet', params }, () => packetLine(packet), at);
    },
    timeout: ({ registration: _, ...params }) => output.event({ method: 'timeout', params }, () => timeoutLine(params)),
    tempDisabled: ({ registration: _, ...params }) =>
      output.event({ method: 'temp_disabled', params }, () => tempDisabledLine(params)),
    up: ({ registration: _, ...params }) => output.event({ method: 'up', params }, () => upLine(params)),
    gap: (params) => output.event({ method: 'gap', params }, () => gapLine(params)),
  };
}
