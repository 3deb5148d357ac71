import type { ClusterMessage, InternalMessage, Sequence, TopologyNode } from '../../../src/wire/cluster/messages.js';
import { descriptionOf, type ModulePacket } from './network.js';

/** `3@1000000`; `-` for none. */
function sequenceText(sequence: Sequence | null): string {
  return sequence === null ? '-' : `${sequence.seq}@${sequence.timestamp}`;
}

function readSequence(text = ''): Sequence {
  const [seq, timestamp] = text.split('@').map(Number);
  if (seq === undefined || timestamp === undefined) throw new Error(`not a sequence: ${text}`);
  return { seq, timestamp };
}

function numbers(text: string | undefined): number[] {
  return text === undefined || text === '' || text === '-' ? [] : text.split(',').map(Number);
}

function list(ids: readonly number[]): string {
  return ids.length === 0 ? '-' : ids.join(',');
}

/** `2[0@1000000]:1,3`; with a `*` after the id it has a description. */
function nodeText({ machineId, description, sequence, neighbours }: TopologyNode): string {
  return `${machineId}${description === null ? '' : '*'}[${sequenceText(sequence)}]:${list(neighbours)}`;
}

function readNode(text: string): TopologyNode {
  const [, id, star, sequence, neighbours] = /^(\d+)(\*?)\[(.+)\]:(.*)$/.exec(text) ?? [];
  const machineId = Number(id);
  const description = star === '*' ? descriptionOf(machineId) : null;
  return { machineId, description, sequence: readSequence(sequence), neighbours: numbers(neighbours) };
}

/** A message in one line, as scripts have it; without its origin and cluster. */
export function messageText(message: ClusterMessage | ModulePacket): string {
  const route = 'destination' in message ? ` origin=${message.origin} to=${message.destination}` : '';
  const path = 'path' in message ? ` path=${list(message.path)}` : '';
  return `${message.type}${bodyText(message)}${route}${path}`;
}

function bodyText(message: ClusterMessage | ModulePacket): string {
  switch (message.type) {
    case 'ping':
      return message.wantsIds ? ' wants_ids' : '';
    case 'pong':
      return ` ${list(message.machineIds)}`;
    case 'link_update':
      return ` ${sequenceText(message.sequence)} ${message.neighbour} ${message.isUp ? 'up' : 'down'}`;
    case 'full_topology':
      return ` ${sequenceText(message.sequence)} ${message.nodes.map(nodeText).join(' ')}`;
    case 'unknown_id':
      return '';
    case 'node_description':
      return ` ${message.description.url}`;
    case 'capabilities': {
      const nodes = message.nodes.map(({ machineId, capabilities }) => {
        return `${machineId}:${capabilities.map(({ name, isSynced }) => `${name}/${Number(isSynced)}`).join(',')}`;
      });
      return ` ${sequenceText(message.sequence)} ${nodes.join(' ')}${message.wantsReply ? ' wants_reply' : ''}`;
    }
    case 'sync_request':
      return ` ${message.capability}`;
    case 'sync':
      return ` ${message.capability} ${message.chunks.map((chunk) => Buffer.from(chunk).toString()).join(',')}`;
    case 'sync_end':
      return ` ${message.capability} ${message.chunks ?? '-'}`;
    case 'remove_node':
      return ` ${message.machineId}`;
    case 'tag_active':
      return ` ${message.tag}`;
    case 'mi':
      return ` ${[message.command, ...message.parameters].join(' ')}`;
    case 'packet':
      return ` ${message.name}`;
    default:
      return '';
  }
}

/** Reads what `messageText` writes. `origin=` and `path=` default to the machine that sends, `to=` to the one that receives. */
export function readMessage(text: string, sender: number, receiver: number): ClusterMessage | ModulePacket {
  const words = text.split(' ');
  const options = new Map(words.filter((it) => /^\w+=/.test(it)).map((it) => it.split('=') as [string, string]));
  const [type, ...body] = words.filter((it) => !/^\w+=/.test(it));
  const path = options.has('path') ? numbers(options.get('path')) : [sender];
  const origin = Number(options.get('origin') ?? path[0] ?? sender);
  const head = { clusterId: 1, origin };
  const route = { ...head, destination: Number(options.get('to') ?? receiver) };
  const [first = '', second = ''] = body;
  switch (type) {
    case 'sync_request':
      return { type, ...route, capability: first };
    case 'sync':
      return {
        type,
        ...route,
        capability: first,
        dataVersion: 3,
        chunks: second.split(',').map((it) => Buffer.from(it)),
      };
    case 'sync_end':
      return { type, ...route, capability: first, chunks: second === '-' ? null : Number(second) };
    case 'remove_node':
      return { type, ...route, machineId: Number(first) };
    case 'tag_active':
      return { type, ...route, tag: first };
    case 'packet':
      return { type, ...route, name: first };
    default:
      return { ...head, ...readInternal(type, body, origin, path) };
  }
}

function readInternal(type = '', body: readonly string[], origin: number, path: number[]): InternalMessage {
  const head = { clusterId: 1, origin };
  const [first = '', second = '', third = ''] = body;
  switch (type) {
    case 'ping':
      return { type, ...head, wantsIds: first === 'wants_ids' };
    case 'pong':
      return { type, ...head, machineIds: numbers(first) };
    case 'link_update': {
      const neighbour = Number(second);
      return { type, ...head, sequence: readSequence(first), neighbour, isUp: third === 'up', path };
    }
    case 'full_topology':
      return { type, ...head, sequence: readSequence(first), nodes: body.slice(1).map(readNode), path };
    case 'unknown_id':
      return { type, ...head };
    case 'node_description':
      return { type, ...head, description: { ...descriptionOf(origin), url: first }, path };
    case 'capabilities': {
      const nodes = body.slice(1).filter((it) => it.includes(':'));
      return {
        type,
        ...head,
        sequence: first === '-' ? null : readSequence(first),
        nodes: nodes.map((node) => {
          const [machineId, names = ''] = node.split(':');
          const capabilities = names.split(',').filter((it) => it !== '');
          return {
            machineId: Number(machineId),
            capabilities: capabilities.map((it) => ({ name: it.split('/')[0] ?? '', isSynced: it.endsWith('/1') })),
          };
        }),
        wantsReply: body.includes('wants_reply'),
        path,
      };
    }
    default:
      throw new Error(`unknown message: ${type}`);
  }
}
