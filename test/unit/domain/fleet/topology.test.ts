import { Topology } from '../../../../src/domain/fleet/topology.js';

/** Offers link updates of machine 3 (`flood 2@61`) and reports of them (`report 2@61`), and returns the accepted ones. */
function accepted(...offered: readonly string[]): string[] {
  const topology = new Topology();
  return offered.filter((text) => {
    const [, how, seq, timestamp] = /^(\w+) (\d+)@(\d+)$/.exec(text) ?? [];
    const sequence = { seq: Number(seq), timestamp: Number(timestamp) };
    return how === 'flood' ? topology.accept(3, 'link', sequence) : topology.acceptReport(3, sequence);
  });
}

describe('a link update', () => {
  it('is taken once, even if a report of an earlier life with later timestamps comes between its copies', () => {
    expect(accepted('flood 0@20', 'flood 101@20', 'report 0@22', 'flood 101@20', 'flood 102@20')).toEqual([
      'flood 0@20',
      'flood 101@20',
      'report 0@22',
      'flood 102@20',
    ]);
  });

  it('is taken after a report of a restart, although its number is lower than those before', () => {
    const all = ['flood 57@20', 'report 0@30', 'flood 1@30', 'flood 2@30'];
    expect(accepted(...all)).toEqual(all);
  });

  it('that was reported is not taken when it comes', () => {
    expect(accepted('flood 5@20', 'report 6@21', 'flood 6@21', 'flood 7@21')).toEqual([
      'flood 5@20',
      'report 6@21',
      'flood 7@21',
    ]);
  });

  it('of a machine that has started again is taken when its earlier sequences are forgotten', () => {
    const topology = new Topology();
    topology.accept(3, 'link', { seq: 57, timestamp: 20 });
    topology.acceptReport(3, { seq: 58, timestamp: 21 });
    topology.forgetSequences(3);
    expect(topology.accept(3, 'link', { seq: 1, timestamp: 30 })).toBe(true);
  });
});
