import type { Peer } from '../../../../src/domain/fleet/peer.js';
import { tagFamilyOf } from '../../../../src/domain/fleet/tag-family.js';
import { Versions } from '../../../../src/domain/fleet/versions.js';
import { USRLOC } from '../../../support/fleet/payloads.js';

const DIALOG = 'dialog-dlg-repl';

/** A machine with a capability of 2.4, which has sent a packet in this version. */
function peer(writtenIn: Peer['writtenIn'], more: Partial<Peer> = {}, capability = USRLOC, version = 1): Peer {
  const versions = new Versions();
  versions.saw(capability, version);
  return { saidTagIn: null, family: writtenIn, writtenIn, capabilities: [[USRLOC, true]], versions, ...more } as Peer;
}

it.each([
  ['unknown before its family is known', peer(null), null],
  ['its own from the family C3 on', peer('C3'), 'C3'],
  ['none if it may be 2.4', peer('C2'), 'none'],
  ['none for contacts as 2.4 writes them', peer('C2', {}, USRLOC, 2), 'none'],
  ['its own for newer contacts', peer('C2', {}, USRLOC, 3), 'C2'],
  ['none for dialogs as 2.4 writes them', peer('C1', {}, DIALOG, 1), 'none'],
  ['its own for newer dialogs', peer('C2', {}, DIALOG, 2), 'C2'],
  ['its own for a capability that 2.4 does not have', peer('C2', { capabilities: [['pua', false]] }), 'C2'],
  ['its own after it announced a tag', peer('C1', { saidTagIn: 'C2' }), 'C1'],
  ['that of the announcement while its own is not known', peer(null, { saidTagIn: 'C2' }), 'C2'],
])('the family of messages about tags to a machine is %s', (_, machine, family) => {
  expect(tagFamilyOf(machine)).toBe(family);
});
