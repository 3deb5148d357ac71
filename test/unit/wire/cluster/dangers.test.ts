import { DANGERS, refusal } from '../../../../src/wire/cluster/dangers.js';
import type { Family } from '../../../../src/wire/cluster/family.js';

const INTERNAL = '1200636c757374657265722d696e7465726e616c';
const EXTRA = '0f00636c757374657265722d6578747261';
const ROUTE = '010000000100000002000000';

/** A whole packet from everything after its length: version, capability, type and body. */
function packet(version: string, capability: string, ...body: readonly string[]): Buffer {
  const rest = Buffer.from([version, capability, ...body].join(''), 'hex');
  const head = Buffer.from('5034434b00000000', 'hex');
  head.writeUInt32LE(8 + rest.length, 4);
  return Buffer.concat([head, rest]);
}

function withLength(frame: Buffer, length: number): Buffer {
  const changed = Buffer.from(frame);
  changed.writeUInt32LE(length, 4);
  return changed;
}

const ints = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(4 * values.length);
  values.forEach((value, i) => {
    bytes.writeInt32LE(value, 4 * i);
  });
  return bytes.toString('hex');
};
const text = (value: string) =>
  `${Buffer.from([value.length, 0]).toString('hex')}${Buffer.from(value).toString('hex')}`;

const PING = packet('0100', INTERNAL, ints(0, 1, 1, 1));
/** Machine 1 announces one capability, in seq 0. */
const announced = (state: number, path = ints(1, 1)) =>
  packet('0100', INTERNAL, ints(9, 1, 1, 0, 1_700_000_000, 1, 1, 1), text('usrloc-contact-repl'), ints(state, 1), path);
const parameters = (count: number) =>
  packet('0100', EXTRA, ints(8), text('ps'), ints(count), text('x').repeat(count), ROUTE);
const chunk = (size: number, mark: number, data: string) => `${ints(size, mark)}${data}`;
const sync = (version: string, chunks: string) => packet(version, EXTRA, ints(11), text('tm'), ints(3), chunks, ROUTE);
const ids = (count: number) => Array.from({ length: count }, (_, i) => i + 1);

const HARMFUL: readonly [what: string, id: string, frame: Buffer, family?: Family][] = [
  ['a length of 0', 'zero_length', withLength(PING, 0)],
  ['no header', 'zero_length', Buffer.from('5034434b', 'hex')],
  ['a length beyond the packet', 'wrong_length', withLength(PING, PING.length + 1)],
  ['a length within the packet', 'wrong_length', withLength(PING, PING.length - 1)],
  ['65,516 bytes', 'too_long', packet('0100', `0200${'746d'}`, '00'.repeat(65_504))],
  ['a capability beyond the packet', 'bad_header', packet('0100', 'ff00', '74'.repeat(40))],
  ['no capability', 'bad_header', packet('0100', '0000', '00'.repeat(40))],
  ['a packet that ends in its trailer', 'bad_header', packet('0100', EXTRA, ints(6, 1))],
  ['PING without its field', 'malformed', packet('0100', INTERNAL, ints(0, 1, 1))],
  ['PONG with a count beyond its ids', 'malformed', packet('0100', INTERNAL, ints(1, 1, 1, 2, 7))],
  ['PONG with 129 ids', 'malformed', packet('0100', INTERNAL, ints(1, 1, 1, 129, ...ids(129)))],
  ['CAP_UPDATE with a count beyond its body', 'malformed', packet('0100', INTERNAL, ints(9, 1, 1, 0, 9, 5, 1, 1, 1))],
  ['CAP_UPDATE with a state of 2', 'malformed', announced(2)],
  ['FULL_TOP_UPDATE that is cut off', 'malformed', packet('0100', INTERNAL, ints(3, 1, 1, 0, 9, 1, 1, 0, -1, 0, 4, 2))],
  ['a path of 27', 'malformed', packet('0100', INTERNAL, ints(2, 1, 1, 0, 9, 2, 0, 27, ...ids(27)))],
  ['an unknown message', 'malformed', packet('0100', INTERNAL, ints(6, 1, 1))],
  ['MI_CMD with 16 parameters', 'malformed', parameters(16)],
  [
    'MI_CMD with a count beyond its parameters',
    'malformed',
    packet('0100', EXTRA, ints(8), text('ps'), ints(3), ROUTE),
  ],
  ['REMOVE_NODE in an old family', 'malformed', packet('0100', EXTRA, ints(6, 3), ROUTE), 'C2'],
  ['a chunk that is longer than the packet', 'malformed', sync('0300', chunk(9, 101_010_101, '0102'))],
  ['a chunk without its mark', 'malformed', sync('0300', chunk(2, 0, '0102'))],
  ['an empty chunk', 'malformed', sync('0300', chunk(0, 101_010_101, ''))],
  ['SYNC without data', 'malformed', sync('0300', '')],
  ['SYNC of another packet version', 'other_family', sync('0200', chunk(2, 101_010_101, '0102'))],
  ['SYNC_END without a count', 'other_family', packet('0200', EXTRA, ints(12), text('tm'), ROUTE)],
  ['capabilities in the number of another family', 'other_family', announced(0), 'C3'],
  ['capabilities with a sequence that the family does not know', 'other_family', announced(0), 'D1'],
  ['SYNC_REQ for ratelimit', 'ratelimit_sync', packet('0300', EXTRA, ints(10), text('ratelimit-pipe-repl'), ROUTE)],
  ['state 1 without the data', 'unheld_capability', announced(1)],
  ['REMOVE_NODE to the node itself', 'removes_itself', packet('0100', EXTRA, ints(6, 2), ROUTE)],
  ['the mark of a bridge', 'bridge_mark', packet('0100', text('tm-repl'), ints(1, 1, 2, 1, 0xc0000000 | 0))],
];

describe('refusal', () => {
  it.each(HARMFUL)('refuses %s', (_, id, frame, family = 'E') => {
    expect(refusal(frame, family)?.id).toBe(id);
  });

  it('is tested for every danger', () => {
    expect([...new Set(HARMFUL.map(([, id]) => id))]).toEqual(DANGERS.map(({ id }) => id));
  });

  it.each([
    ['PING', PING],
    ['MI_CMD with 15 parameters', parameters(15)],
    ['state 0', announced(0)],
    ['state 1 that another machine announced', announced(1, ints(2, 1, 2))],
    ['a whole chunk', sync('0300', chunk(2, 101_010_101, '0102'))],
    ['REMOVE_NODE to another node', packet('0100', EXTRA, ints(6, 3), ROUTE)],
    ['a path of 26', packet('0100', INTERNAL, ints(2, 1, 1, 0, 9, 2, 0, 26, ...ids(26)))],
    ['a packet of a module', packet('0100', text('tm-repl'), ints(1), ROUTE)],
  ])('lets %s pass', (_, frame) => {
    expect(refusal(frame, 'E')).toBeNull();
  });

  it('lets a service announce what it holds', () => {
    expect(refusal(announced(1), 'E', (name) => name === 'usrloc-contact-repl')).toBeNull();
    expect(refusal(announced(1), 'E', (name) => name === 'dialog-dlg-repl')?.id).toBe('unheld_capability');
  });

  it('says which releases are harmed, and how', () => {
    for (const { releases, harm } of DANGERS) {
      expect(releases).not.toBe('');
      expect(harm).not.toBe('');
    }
  });
});
