import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { id } from './arguments.js';
import { EXIT, Failure } from './failure.js';
import type { Host } from './host.js';
import { outputOf } from './output.js';
import { withClient } from './running.js';
import { printResults } from './send-results.js';
import { targetOf } from './target.js';

interface Options {
  readonly payload?: string;
  readonly base64?: string;
  readonly file?: string;
  readonly fields?: string;
  readonly protocol: string;
  readonly machine?: number;
}

/** `clusterer send`: sends one packet to every machine of a cluster that is up, or to one of them. */
export function addSend(program: Command, host: Host): void {
  program
    .command('send')
    .description('send a packet to every machine of a cluster that is up')
    .argument('<cluster>', 'cluster id', id)
    .argument('<module>', 'name of the receiving module')
    .argument('<type>', 'packet type: a whole number, defined by the module; or with --fields the name of the packet')
    .option('-p, --payload <text>', 'payload, as text')
    .addOption(new Option('--base64 <payload>', 'payload as base64').conflicts('payload'))
    .addOption(
      new Option('-f, --file <path>', 'payload from a file; - is standard input').conflicts(['payload', 'base64']),
    )
    .addOption(
      new Option('--fields <json>', 'fields of the packet with this name').conflicts(['payload', 'base64', 'file']),
    )
    .option('-m, --machine <id>', 'only to this machine (default: to all)', id)
    .option('--protocol <name>', 'bin or bins', 'bin')
    .action(async (cluster: number, module: string, type: string, options: Options, command: Command) => {
      const service = targetOf(command);
      const output = outputOf(command, host);
      const { protocol, machine } = options;
      const target = { clusterId: cluster, protocol, ...(machine !== undefined && { machineId: machine }) };
      const content = await contentOf(type, options, host);
      const results = await withClient(service, (client) => client.sendTo({ ...target, module, ...content }));
      await printResults(output, results, { what: 'packet', cluster, machine });
    });
}

async function contentOf(type: string, options: Options, host: Host) {
  if (options.fields !== undefined) return { name: type, fields: fieldsOf(options.fields) };
  return { packetType: numberOf(type), payload: await payloadOf(options, host) };
}

function numberOf(type: string): number {
  if (/^-?\d{1,10}$/.test(type)) return Number(type);
  throw new Failure(EXIT.usage, 'The packet type must be a whole number, or the name of a packet with --fields.');
}

/** The service says what is wrong in them. */
function fieldsOf(json: string): Record<string, unknown> {
  try {
    return JSON.parse(json);
  } catch {
    throw new Failure(EXIT.usage, '--fields must be JSON, such as \'{"domain":"location","aor":"alice"}\'.');
  }
}

async function payloadOf({ payload = '', base64, file }: Options, { stdin }: Host): Promise<Uint8Array> {
  if (base64 !== undefined) return fromBase64(base64);
  if (file === '-') return buffer(stdin);
  if (file === undefined) return Buffer.from(payload, 'utf8');
  return readFile(file).catch((error: Error) => {
    throw new Failure(EXIT.usage, `--file cannot be read: ${error.message}`);
  });
}

/** Node skips characters that are not base64; a damaged payload must not be sent shortened. */
function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) {
    throw new Failure(EXIT.usage, '--base64 must be padded base64 without spaces.');
  }
  return bytes;
}
