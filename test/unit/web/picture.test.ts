import { idsWords, nodeWords, pictureWords } from '../../../src/web/fleet/fleet-words.js';
import { type PictureLink, pictureOf } from '../../../src/web/fleet/picture.js';
import { linePath } from '../../../src/web/fleet/shapes.js';
import type { TopologyMachine } from '../../../src/web/state/fleets.js';
import type { Machine } from '../../../src/web/state/messages.js';

const OWN = 9;

function machine(machine_id: number, given: Partial<Machine> = {}): Machine {
  return {
    clusterer_id: machine_id,
    cluster_id: 1,
    machine_id,
    protocol: 'bin',
    url: `bin:10.0.0.${machine_id}:5566`,
    address: `10.0.0.${machine_id}:5566`,
    state: 'up',
    description: null,
    no_tries: 0,
    failed_attempts: 3,
    duration: 60,
    last_attempt: 0,
    seconds_until_enabling: 0,
    disabled_for: [],
    dialect: '2.4',
    link: 'up',
    next_hop: machine_id,
    ...given,
  };
}

/** Each machine with the machines that it sees; the first is this service. */
function topology(sees: Readonly<Record<number, number[]>>): TopologyMachine[] {
  return [OWN, 1, 2, 3].map((id) => ({ machine_id: id, own: id === OWN, neighbours: sees[id] ?? [] }));
}

const MESH = { 9: [1, 2, 3], 1: [2, 3, 9], 2: [1, 3, 9], 3: [1, 2, 9] };
const DRAIN = { reason: 'kernel', until: null, by: null, since: '2030-01-01T00:00:00Z' };

function notBoth(links: readonly PictureLink[]): readonly PictureLink[] {
  return links.filter(({ look }) => look !== 'both');
}

describe('the picture of a fleet', () => {
  it('has this service first, then the machines by priority and id, and a line for each link', () => {
    const machines = [machine(1), machine(3), machine(2, { priority: 10 })];
    const { nodes, links } = pictureOf(machines, topology(MESH), []);
    expect(nodes.map(({ machineId, look }) => [machineId, look])).toEqual([
      [9, 'own'],
      [2, 'up'],
      [1, 'up'],
      [3, 'up'],
    ]);
    expect(links).toHaveLength(6);
    expect(notBoth(links)).toEqual([]);
    expect(pictureWords({ nodes, links })).toBe('4 machines, 6 links');
  });

  it('shows a link that only one side sees from that side', () => {
    const sees = { ...MESH, 1: [2, 9] };
    const picture = pictureOf([machine(1), machine(2), machine(3)], topology(sees), []);
    expect(notBoth(picture.links)).toEqual([{ from: 3, to: 1, look: 'one' }]);
    expect(picture.nodes.slice(1).map(nodeWords)).toEqual([
      'Machine 1, up: linked to 2 and 9; one side only: it is seen by 3',
      'Machine 2, up: linked to 1, 3 and 9',
      'Machine 3, up: linked to 2 and 9; one side only: it sees 1',
    ]);
    expect(linePath({ from: 3, to: 1, look: 'one' }, { x: 0, y: 0 }, { x: 10, y: 20 })).toBe('M0 0L5 10');
  });

  it('shows a link that is missing between machines that have others', () => {
    const sees = { ...MESH, 1: [3, 9], 2: [3, 9] };
    const picture = pictureOf([machine(1), machine(2), machine(3)], topology(sees), []);
    expect(notBoth(picture.links)).toEqual([{ from: 1, to: 2, look: 'none' }]);
    expect(pictureWords(picture)).toBe('4 machines, 5 links, 1 missing');
  });

  it('ignores what a machine that nobody reaches said before', () => {
    const sees = { 9: [2, 3], 1: [2, 3, 9], 2: [3, 9], 3: [2, 9] };
    const lost = machine(1, { state: 'temp_disabled', link: 'down', next_hop: null });
    const { nodes, links } = pictureOf([lost, machine(2), machine(3)], topology(sees), []);
    expect(notBoth(links)).toEqual([]);
    expect(nodes.map(nodeWords)).toContain('Machine 1, disabled: no links');
  });

  it('does not miss links to a machine that was set down, and knows one side of those to others', () => {
    const down = machine(1, { state: 'down', link: 'down', next_hop: null });
    const sees = { 9: [2, 3], 1: [2, 3], 2: [1, 3, 9], 3: [1, 2, 9] };
    const { links } = pictureOf([down, machine(2), machine(3)], topology(sees), []);
    expect(notBoth(links)).toEqual([
      { from: 2, to: 1, look: 'unheard' },
      { from: 3, to: 1, look: 'unheard' },
    ]);
  });

  test.each([
    ['up', {}],
    ['waiting', { link: 'probing' }],
    ['temp_disabled', { state: 'temp_disabled', link: 'down' }],
    ['down', { state: 'down', link: 'down' }],
    ['drained', { state: 'down', link: 'down', drain: DRAIN }],
  ] as const)('shows a machine as %s', (look, given) => {
    expect(pictureOf([machine(1, given)], topology({}), [])?.nodes[1]?.look).toBe(look);
  });

  it('has only the machines when nothing is known of their links', () => {
    const { nodes, links } = pictureOf([machine(1)], [], []);
    expect([nodes.map(({ machineId }) => machineId), links]).toEqual([[1], []]);
    expect(nodes.map(nodeWords)).toEqual(['Machine 1, up: no links']);
  });
});

test.each([
  [[2], '2'],
  [[10, 2], '2 and 10'],
  [[3, 1, 2], '1, 2 and 3'],
])('machines %j are read as “%s”', (ids, words) => {
  expect(idsWords(ids)).toBe(words);
});
