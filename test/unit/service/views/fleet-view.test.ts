import { Capabilities } from '../../../../src/domain/fleet/capabilities.js';
import { Peer } from '../../../../src/domain/fleet/peer.js';
import { firstLoaded } from '../../../../src/domain/loaded-machine.js';
import { machineView } from '../../../../src/service/views/views.js';
import { FAMILIES } from '../../../../src/wire/cluster/family.js';
import { member } from '../../../support/fleet/network.js';
import { loadedMachine } from '../../../support/tables/rows.js';

const NOW = { monotonicMs: 0, unixMs: 0 };
const OF_22 = firstLoaded(loadedMachine(), NOW);
const OF_24 = firstLoaded(
  loadedMachine({ fleet: { priority: 7, sipAddress: 'sip:10.0.1.2' }, keepsAttempts: false }),
  NOW,
);

function peerOf(capabilities = new Capabilities()): Peer {
  return new Peer(member(2), { due: () => {} }, { due: () => {} }, capabilities);
}

function shown(peer: Peer | null, machine = OF_24) {
  return machineView({ machine, silentFor: null, peer }, NOW);
}

describe('the view of a machine', () => {
  it('of 2.2 has no field of a fleet', () => {
    expect(Object.keys(shown(null, OF_22))).toEqual([
      'clusterer_id',
      'cluster_id',
      'machine_id',
      'protocol',
      'url',
      'address',
      'state',
      'description',
      'no_tries',
      'failed_attempts',
      'duration',
      'last_attempt',
      'seconds_until_enabling',
      'disabled_for',
    ]);
  });

  it('of 2.4 is unreached before the fleet has begun', () => {
    expect(shown(null)).toMatchObject({
      dialect: '2.4',
      priority: 7,
      sip_addr: 'sip:10.0.1.2',
      link: 'down',
      next_hop: null,
      releases: null,
      capabilities: [],
    });
  });

  it('of 2.4 has what the fleet knows of it, capabilities by name', () => {
    const capabilities = new Capabilities();
    const told = [
      { name: 'usrloc-contact-repl', isSynced: true },
      { name: 'dialog-dlg-repl', isSynced: false },
    ];
    capabilities.hear(2, [{ machineId: 2, capabilities: told }]);
    const peer = peerOf(capabilities);
    peer.nextHop = 3;
    peer.link = { ...peer.link, state: 'probing' };
    expect(shown(peer)).toMatchObject({
      link: 'probing',
      next_hop: 3,
      capabilities: [
        { name: 'dialog-dlg-repl', state: 'not_synced' },
        { name: 'usrloc-contact-repl', state: 'synced' },
      ],
    });
  });

  it('names the releases of every wire family', () => {
    const releases = FAMILIES.map((family) => {
      const peer = peerOf();
      peer.family = family;
      return shown(peer).releases;
    });
    expect(releases).toEqual(['2.4.0-3.0.0', '2.4.7-3.1.6', '3.1.7-3.1.17', '3.2.0-3.2.3', '3.2.4-3.2.19', '3.3-4.0']);
  });

  it('says that it was learned only of a machine without a row', () => {
    expect(shown(null)).not.toHaveProperty('learned');
    expect(shown(null, { ...OF_24, clustererId: 0 })).toMatchObject({ clusterer_id: 0, learned: true });
  });

  it('counts the seconds until a disabled machine is asked again', () => {
    expect(shown(null, { ...OF_24, state: 'temp_disabled', enableAt: 41_500 }).seconds_until_enabling).toBe(42);
  });
});
