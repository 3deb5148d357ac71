import type { FleetEffect } from '../../../src/domain/fleet/effects.js';
import type { Fleet } from '../../../src/domain/fleet/fleet.js';
import { NO_WISH } from '../../../src/domain/fleet/managed-tag.js';
import type { FloodKind } from '../../../src/domain/fleet/sequences.js';
import type { Now } from '../../../src/ground/now.js';
import type { Family } from '../../../src/wire/cluster/family.js';
import { milliseconds } from '../engine/script.js';
import { runOfBytes } from '../peers/runs.js';
import { fleetEffectText } from './effect-text.js';
import { readMessage } from './message-text.js';
import { FleetNetwork, fleetOptions, frameOf, fromMachine, member, urlOf } from './network.js';

/** Unix seconds at time 0 of a script. */
const CLOCK_STARTS_AT = 1_000_000;

/** Plays a script and returns it with the actual effects, so that the result equals the script if they are right. */
export function playFleetScript(script: string): string {
  const network = new FleetNetwork();
  const played: string[] = [];
  for (const line of script.split('\n').filter((it) => !it.startsWith('>'))) {
    played.push(line);
    const [, time, rest] = /^at (\S+) (.+)$/.exec(line) ?? [];
    if (time === undefined || rest === undefined) continue;
    const monotonicMs = milliseconds(time);
    const now = { monotonicMs, unixMs: CLOCK_STARTS_AT * 1000 + monotonicMs };
    played.push(...step(network, rest, now));
  }
  return played.join('\n');
}

function step(network: FleetNetwork, text: string, now: Now): string[] {
  const [, node, received, sender, message] = /^(\d+) (<|<<) (\d+) (.+)$/.exec(text) ?? [];
  if (node !== undefined && message !== undefined) {
    return receive(network, Number(node), Number(sender), received === '<<', message, now);
  }
  if (text === 'deliver') return deliver(network, now);
  const [machineId, verb, ...words] = text.split(' ');
  const id = Number(machineId);
  if (verb === 'begins') network.add(readOptions(id, words));
  return lines(
    id,
    network.act(id, now, (fleet, at, out) => act(fleet, verb ?? '', words, at, out)),
  );
}

/** `1 < 2 ping`: the message arrives at 1; with `<<` on a connection that 1 opened to its url. */
function receive(
  network: FleetNetwork,
  id: number,
  sender: number,
  isOutgoing: boolean,
  text: string,
  now: Now,
): string[] {
  const [, message = '', family] = /^(.*?)(?: \((\w+)\))?$/.exec(text) ?? [];
  const content = readMessage(message, sender, id);
  let delivered = false;
  const effects = network.act(id, now, (fleet, at, out) => {
    const from = fromMachine(sender, isOutgoing);
    if (content.type === 'packet') delivered = fleet.packetReceived(content, from, [frameOf(content)], at, out);
    else fleet.received(content, (family ?? null) as Family | null, from, frameOf(content), at, out);
  });
  return [...lines(id, effects), ...(delivered ? [`> ${id} deliver`] : [])];
}

/** Everything under way arrives, in order, and so does what that sends. */
function deliver(network: FleetNetwork, now: Now): string[] {
  const played: string[] = [];
  for (let next = network.underWay.shift(); next !== undefined; next = network.underWay.shift()) {
    const { effects, isForModules } = network.deliver(next, now);
    played.push(...lines(next.to, effects), ...(isForModules ? [`> ${next.to} deliver`] : []));
  }
  return played;
}

function lines(id: number, effects: readonly FleetEffect[]): string[] {
  // Every reply has one, with the time that the script shows anyway.
  const told = effects.filter(({ type }) => type !== 'ping_answered');
  return told.map((effect) => `> ${id} ${fleetEffectText(effect)}`);
}

function act(fleet: Fleet, verb: string, words: readonly string[], now: Now, out: FleetEffect[]): void {
  const [first = ''] = words;
  const option = optionsOf(words);
  switch (verb) {
    case 'begins':
      fleet.start(now, out);
      break;
    case 'put': {
      const fields = {
        priority: Number(option.get('priority') ?? 50),
        pingRetries: Number(option.get('retries') ?? 3),
        isEnabled: !words.includes('disabled'),
      };
      fleet.put(member(Number(first), fields), now, out);
      break;
    }
    case 'remove':
      fleet.remove(Number(first), now, out);
      break;
    case 'disable':
    case 'enable':
      fleet.setOwnEnabled(verb === 'enable', now, out);
      break;
    case 'advance':
      fleet.advance(now, out);
      break;
    case 'send_failed':
      fleet.sendFailed(Number(first), now, out);
      break;
    case 'register':
      fleet.addCapability(first, now, out);
      break;
    case 'unregister':
      fleet.deleteCapability(first);
      break;
    case 'stop':
      fleet.stop(now, out);
      break;
    case 'sync': {
      const isSyncable = fleet.requestSync(first, Number(words[1]?.slice(1)), now, out);
      if (!isSyncable) throw new Error(`not syncable: ${first}`);
      break;
    }
    case 'set_tag': {
      const failover = (option.get('failover')?.split(',') ?? []).map(Number);
      const afterMs = milliseconds(option.get('after') ?? '10s');
      fleet.setTag(first, { owner: Number(words[1]), failover, afterMs }, now, out);
      break;
    }
    case 'release_tag':
      fleet.releaseTag(first, now, out);
      break;
    case 'forget':
      fleet.forgetSync(Number(first.slice(1)), now, out);
      break;
    case 'live': {
      const run = runOfBytes(Buffer.from(words[1] ?? ''));
      fleet.holdPackets({ ...run, head: { ...run.head, module: first } }, REGISTRATIONS, now, out);
      break;
    }
    default:
      throw new Error(`unknown verb: ${verb}`);
  }
}

/** Those of the scripts, to all of which live packets go. */
const REGISTRATIONS = [1, 2, 3];

function optionsOf(words: readonly string[]): Map<string, string> {
  return new Map(words.filter((it) => it.includes('=')).map((it) => it.split('=') as [string, string]));
}

/** `learns`, `join=5`, `families=2:E,3:C2`,  `wishes=vip:2`, `remembered=link:100,topology:100`, `held=20` (bytes). */
function readOptions(id: number, words: readonly string[]) {
  const option = optionsOf(words);
  const pairs = (name: string) => (option.get(name)?.split(',') ?? []).map((it) => it.split(':'));
  return fleetOptions(id, {
    learns: words.includes('learns'),
    joinUrls: option.has('join') ? [urlOf(Number(option.get('join')))] : [],
    syncHeldBytes: Number(option.get('held') ?? 1_000),
    remembered: {
      sequences: new Map(pairs('remembered').map(([kind, seq]) => [kind as FloodKind, Number(seq)])),
      families: new Map(pairs('families').map(([machineId, family]) => [Number(machineId), family as Family])),
      wishes: new Map(pairs('wishes').map(([tag = '', owner]) => [tag, { ...NO_WISH, owner: Number(owner) }])),
    },
  });
}
