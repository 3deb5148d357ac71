import { refusal } from '../../../../src/wire/cluster/dangers.js';
import { decodeExtra, encodeExtra } from '../../../../src/wire/cluster/extra.js';
import { familiesOf } from '../../../../src/wire/cluster/families-of.js';
import { FAMILIES, type Family } from '../../../../src/wire/cluster/family.js';
import { isFault } from '../../../../src/wire/cluster/fault.js';
import { decodeInternal, encodeInternal } from '../../../../src/wire/cluster/internal.js';
import { packets24 } from '../../../fixtures/packets-24.js';

/** The family of the release that a title names. */
function familyOf(title: string): Family {
  if (title.startsWith('OpenSIPS 2.4.11:')) return 'C2';
  if (title.startsWith('OpenSIPS 3.1.17')) return 'C3';
  return title.startsWith('OpenSIPS 3.2.3') ? 'D1' : 'E';
}

const internal = packets24().filter(({ title }) => title.includes('clusterer-internal'));
const isRemoval = (title: string) => title.includes('REMOVE_NODE');
const extra = packets24().filter(({ title }) => title.includes('clusterer-extra') && !isRemoval(title));
const frameOf = (title: string) => packets24().find((it) => it.title.startsWith(title))?.frame ?? Buffer.alloc(0);

describe('captured messages', () => {
  it.each(internal)('are read and written byte for byte: $title', ({ title, frame }) => {
    const message = decodeInternal(frame);
    if (isFault(message)) throw new Error(JSON.stringify(message));
    expect(encodeInternal(message, familyOf(title))).toEqual(frame);
    expect(refusal(frame, familyOf(title), () => true)).toBeNull();
  });

  it.each(extra)('are read and written byte for byte: $title', ({ title, frame }) => {
    const message = decodeExtra(frame, familyOf(title));
    if (isFault(message)) throw new Error(JSON.stringify(message));
    expect(decodeExtra(frame, null)).toEqual(message);
    expect(encodeExtra(message, familyOf(title))).toEqual(frame);
    expect(refusal(frame, familyOf(title))).toBeNull();
  });

  it('are read but never written when they tell a machine to remove itself', () => {
    const frame = packets24().find(({ title }) => isRemoval(title))?.frame ?? Buffer.alloc(0);
    const message = decodeExtra(frame, 'E');
    if (isFault(message)) throw new Error(JSON.stringify(message));
    expect(message).toEqual({ type: 'remove_node', clusterId: 1, origin: 1, destination: 3, machineId: 3 });
    expect(encodeExtra(message, 'E')).toMatchObject({ fault: 'out_of_range', field: 'machineId' });
    expect(encodeExtra({ ...message, destination: 2 }, 'E')).toHaveLength(frame.length);
    expect(refusal(frame, 'E')).not.toBeNull();
  });

  it('have these meanings', () => {
    expect(decodeInternal(frameOf('OpenSIPS 2.4.11 to 4.0.1: clusterer-internal PING'))).toEqual({
      type: 'ping',
      clusterId: 1,
      origin: 1,
      wantsIds: true,
    });
    expect(decodeInternal(frameOf('OpenSIPS 4.0.1: clusterer-internal NODE_DESCRIPTION'))).toEqual({
      type: 'node_description',
      clusterId: 1,
      origin: 3,
      description: { url: 'bin:127.0.0.13:5566', sipAddress: '', priority: 50, pingRetries: 3 },
      path: [3, 1],
    });
    expect(decodeInternal(frameOf('OpenSIPS 4.0.1: clusterer-internal FULL_TOP_UPDATE'))).toMatchObject({
      type: 'full_topology',
      nodes: [{ machineId: 1, description: null, sequence: { seq: -1, timestamp: 0 }, neighbours: [3] }],
      path: [1],
    });
    expect(decodeInternal(frameOf('OpenSIPS 2.4.11: clusterer-internal CAP_UPDATE'))).toMatchObject({
      type: 'capabilities',
      sequence: null,
      wantsReply: true,
      nodes: [{ machineId: 1, capabilities: [{ name: 'ratelimit-pipe-repl', isSynced: true }, {}, {}] }],
    });
    expect(decodeExtra(frameOf('OpenSIPS 4.0.1: clusterer-extra MI_CMD'), 'E')).toMatchObject({ type: 'mi' });
    expect(decodeExtra(frameOf('OpenSIPS 3.4: clusterer-extra SYNC, '), 'E')).toMatchObject({
      type: 'sync',
      capability: 'usrloc-contact-repl',
      dataVersion: 3,
      chunks: { length: 6 },
    });
    expect(decodeExtra(frameOf('OpenSIPS 3.4: clusterer-extra SYNC_END'), 'E')).toMatchObject({
      type: 'sync_end',
      chunks: 6,
    });
  });

  it.each([
    ['OpenSIPS 2.4.11: clusterer-internal CAP', ['C1', 'C2']],
    ['OpenSIPS 3.2.3: clusterer-internal CAP', ['D1']],
    ['OpenSIPS 4.0.1: clusterer-internal CAP', ['D2', 'E']],
    ['OpenSIPS 3.1.17: clusterer-extra SYNC_END', ['C2', 'C3']],
    ['OpenSIPS 4.0.1: clusterer-extra SYNC_END', ['E']],
    ['OpenSIPS 4.0.1: clusterer-extra SHTAG', ['D1', 'D2', 'E']],
    ['OpenSIPS 4.0.1: clusterer-internal PONG', FAMILIES],
    ['OpenSIPS 4.0.1: usrloc-contact-repl', FAMILIES],
  ])('tell the families: %s', (title, families) => {
    expect(familiesOf(frameOf(title))).toEqual(families);
  });
});
