import fc from 'fast-check';
import { FAMILY_TRAITS, type Family } from '../../../src/wire/cluster/family.js';
import type { ExtraMessage, InternalMessage } from '../../../src/wire/cluster/messages.js';

const int32 = fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 });
const text = fc.string({ unit: 'grapheme', maxLength: 20 });
const name = fc.stringMatching(/^[!-~]{1,20}$/);
const ids = fc.array(int32, { maxLength: 6 });
const sequence = fc.record({ seq: int32, timestamp: int32 });
const description = fc.record({ url: text, sipAddress: text, priority: int32, pingRetries: int32 });
const topologyNode = fc.record({
  machineId: int32,
  description: fc.option(description),
  sequence,
  neighbours: ids,
});
const nodeCapabilities = fc.record({
  machineId: int32,
  capabilities: fc.array(fc.record({ name, isSynced: fc.boolean() }), { maxLength: 4 }),
});
const some = <T>(item: fc.Arbitrary<T>) => fc.array(item, { maxLength: 4 });
const is = <T extends string>(type: T) => fc.constant(type);

/** Messages of `clusterer-internal` as the family has them. Some have small numbers, so that the families resemble each other. */
export function internalMessages(family: Family): fc.Arbitrary<InternalMessage> {
  const hasSequence = FAMILY_TRAITS[family].capabilitiesHaveSequence;
  const bodies = fc.oneof(
    fc.record({ type: is('ping'), wantsIds: fc.boolean() }),
    fc.record({ type: is('pong'), machineIds: ids }),
    fc.record({ type: is('link_update'), sequence, neighbour: int32, isUp: fc.boolean(), path: ids }),
    fc.record({ type: is('full_topology'), sequence, nodes: some(topologyNode), path: ids }),
    fc.record({ type: is('unknown_id') }),
    fc.record({ type: is('node_description'), description, path: ids }),
    fc.record({
      type: is('capabilities'),
      sequence: hasSequence ? sequence : fc.constant(null),
      nodes: some(nodeCapabilities),
      wantsReply: fc.boolean(),
      path: ids,
    }),
  );
  return fc.tuple(bodies, int32, int32).map(([body, clusterId, origin]) => {
    const path = 'path' in body ? { path: [origin, ...body.path] } : {};
    return { clusterId, origin, ...body, ...path } as InternalMessage;
  });
}

/** Messages of `clusterer-extra` as the family has them. In C1, no chunk contains the mark between chunks. None is refused. */
export function extraMessages(family: Family): fc.Arbitrary<ExtraMessage> {
  const { syncVersion, extraTypes } = FAMILY_TRAITS[family];
  const chunk = fc.uint8Array({ minLength: 1, maxLength: 30 }).map((it) => Buffer.from(it));
  const plain = chunk.filter((it) => !it.includes(0xb5));
  const bodies = fc.oneof(
    ...(extraTypes.remove_node === null ? [] : [fc.record({ type: is('remove_node'), machineId: int32 })]),
    fc.record({ type: is('generic'), isRequest: fc.boolean(), tag: text, message: text }),
    fc.record({ type: is('mi'), command: name, parameters: some(text) }),
    fc.record({ type: is('sync_request'), capability: name }),
    fc.record({
      type: is('sync'),
      capability: name,
      dataVersion: syncVersion === 1 ? fc.constant(null) : int32,
      chunks: fc.array(syncVersion === 1 ? plain : chunk, { minLength: 1, maxLength: 5 }),
    }),
    fc.record({ type: is('sync_end'), capability: name, chunks: syncVersion === 3 ? fc.nat() : fc.constant(null) }),
    fc.record({ type: is('tag_active'), tag: name }),
  );
  return fc
    .tuple(bodies, int32, int32, fc.nat())
    .map(([body, clusterId, origin, destination]) => ({ clusterId, origin, destination, ...body }) as ExtraMessage)
    .filter((message) => message.type !== 'remove_node' || message.machineId !== message.destination);
}
