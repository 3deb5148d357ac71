import { readFile } from 'node:fs/promises';
import { buffer } from 'node:stream/consumers';
import { type Command, Option } from 'commander';
import { textTable } from '../text/text-table.js';
import { id, integer, outputOf } from './arguments.js';
import { EXIT, Failure } from './failure.js';
import { withClient } from './running.js';
import { targetOf } from './target.js';

interface Options {
  readonly payload?: string;
  readonly base64?: string;
  readonly file?: string;
  readonly protocol: string;
}

/** `clusterer send`: one packet to every machine of a cluster that is up. */
export function addSend(program: Command): void {
  program
    .command('send')
    .description('send a packet to every machine of a cluster that is up')
    .argument('<cluster>', 'id of the cluster', id)
    .argument('<module>', 'name of the module it is for')
    .argument('<type>', 'type of the packet: a whole number that the module knows', integer)
    .option('-p, --payload <text>', 'what follows the machine id in the packet, as text')
    .addOption(new Option('--base64 <payload>', 'the same as base64').conflicts('payload'))
    .addOption(
      new Option('-f, --file <path>', 'the same from a file; -: standard input').conflicts(['payload', 'base64']),
    )
    .option('--protocol <name>', 'bin or bins', 'bin')
    .action(async (cluster: number, module: string, type: number, options: Options, command: Command) => {
      const target = targetOf(command);
      const output = outputOf(command);
      const packet = { clusterId: cluster, module, packetType: type, protocol: options.protocol };
      const payload = await payloadOf(options);
      const results = await withClient(target, (client) => client.sendTo({ ...packet, payload }));
      await output.answer({ results }, () =>
        textTable(
          [
            ['MACHINE', (result) => result.machine_id],
            ['SENT', (result) => (result.sent ? 'yes' : 'no')],
            ['ERROR', (result) => result.error ?? null],
          ],
          results,
        ),
      );
      if (results.length === 0) {
        throw new Failure(EXIT.refused, `No machine of cluster ${cluster} is up: nothing was sent.`);
      }
      const failed = results.filter(({ sent }) => !sent).length;
      if (failed > 0) {
        const were = failed === 1 ? 'was' : 'were';
        throw new Failure(EXIT.refused, `${failed} of ${results.length} machines ${were} not sent the packet.`);
      }
    });
}

async function payloadOf({ payload = '', base64, file }: Options): Promise<Uint8Array> {
  if (base64 !== undefined) return fromBase64(base64);
  if (file === '-') return buffer(process.stdin);
  if (file === undefined) return Buffer.from(payload, 'utf8');
  return readFile(file).catch((error: Error) => {
    throw new Failure(EXIT.usage, `--file cannot be read: ${error.message}`);
  });
}

/** Node passes over what is no base64; a payload that is cut off must not go out shortened. */
function fromBase64(text: string): Uint8Array {
  const bytes = Buffer.from(text, 'base64');
  if (bytes.toString('base64') !== text) {
    throw new Failure(EXIT.usage, '--base64 must be base64 with its padding, without spaces.');
  }
  return bytes;
}
