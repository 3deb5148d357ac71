import { Versions } from '../../../../src/domain/fleet/versions.js';
import { USRLOC } from '../../../support/fleet/payloads.js';

describe('the version to send to a machine', () => {
  it.each([
    [USRLOC, null, 1],
    [USRLOC, 'C1', 2],
    [USRLOC, 'C2', 2],
    [USRLOC, 'E', 3],
    ['dialog-dlg-repl', 'C2', 2],
    ['dialog-dlg-repl', 'D1', 4],
    ['a-module-of-mine', 'E', 1],
  ] as const)('of %s in the family %s is %i before it has sent one', (capability, family, version) => {
    expect(new Versions().toSend(capability, family)).toBe(version);
  });

  it('is that of its last packet of the capability', () => {
    const versions = new Versions();
    versions.saw(USRLOC, 3);
    versions.saw('dialog-dlg-repl', 5);
    expect([versions.toSend(USRLOC, 'C2'), versions.toSend('dialog-dlg-repl', null)]).toEqual([3, 5]);
    versions.saw(USRLOC, 2);
    expect([versions.isLast(USRLOC, 2), versions.toSend(USRLOC, 'E')]).toEqual([true, 2]);
  });

  it.each([
    ['has no table', USRLOC, 77],
    ['is of a capability without tables', 'a-module-of-mine', 2],
  ])('is not one that %s', (_, capability, version) => {
    const versions = new Versions();
    versions.saw(capability, version);
    expect(versions.toSend(capability, null)).toBe(1);
  });
});
