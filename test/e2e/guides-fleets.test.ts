import { type ScratchDatabase, SQLITE } from '../integration/store-databases.js';
import { endFleetAfterEach, startFleet } from '../support/fleet/fleet.js';
import { MEMBER } from '../support/fleet/member.js';
import { connectPeer, disconnectPeersAfterEach, packetBytes, takePackets } from '../support/peers/bin-peer.js';
import { contactAt, contactChunk, encodeContact, USRLOC, USRLOC_VERSION } from '../support/peers/contacts.js';
import { closeGuidesAfterEach, Guide } from '../support/service/guide.js';
import { createOpenSipsTable } from '../support/tables/foreign-tables.js';
import { createTable4 } from '../support/tables/table-version-4.js';

jest.setTimeout(120_000);
closeGuidesAfterEach();
endFleetAfterEach();
disconnectPeersAfterEach();

/** What the guides write of the database of the daemons. */
const DB_URL = 'mysql://opensips:secret@db.example/opensips';

let database: ScratchDatabase;
beforeEach(async () => {
  database = await SQLITE.create();
});
afterEach(() => database.drop());

/** The rows of machines 1 and 2, in a table that has a column of this name for their ids. */
async function addRows(guide: Guide, id: 'machine_id' | 'node_id', port: number): Promise<void> {
  await database.run('DELETE FROM clusterer');
  const rows = [1, 2].map(
    (machine) => `(1, ${machine}, '${guide.here(`bin:10.0.0.${machine}:${port}`)}', 'sip-${machine}')`,
  );
  await database.run(`INSERT INTO clusterer (cluster_id, ${id}, url, description) VALUES ${rows.join(', ')}`);
}

test('join-a-2.2-fleet.md shows what it says', async () => {
  await createOpenSipsTable(SQLITE, database);
  const guide = await Guide.open('join-a-2.2-fleet.md', { [DB_URL]: database.url, '10.0.0.': '127.0.112.' });
  await addRows(guide, 'machine_id', 5555);
  for (const host of ['10.0.0.1', '10.0.0.2']) await takePackets(guide.here(host), guide.bin);
  // A phone registers.
  await guide.until('text listen');
  const { type, body } = encodeContact('contact_insert', contactAt('192.0.2.1:5060', 'alice'), '2.2');
  const peer = await connectPeer({ bin: { ip: guide.here('10.0.0.9'), port: guide.bin } }, guide.here('10.0.0.1'));
  peer.write(packetBytes({ machineId: 1, packetType: type, payload: body }));
  await guide.end();
  // It has left again.
  expect(await database.run('SELECT machine_id FROM clusterer ORDER BY 1')).toEqual([['1'], ['2']]);
});

test('join-a-4.0-fleet.md shows what it says', async () => {
  await createTable4(SQLITE, database);
  const guide = await Guide.open('join-a-4.0-fleet.md', { [DB_URL]: database.url, '10.0.0.': '127.0.113.' });
  await addRows(guide, 'node_id', 5566);
  const chunks = [contactChunk(contactAt('192.0.2.1:5060', 'alice'))];
  const data = { [USRLOC]: { version: USRLOC_VERSION, chunks } };
  const capabilities = { [USRLOC]: true };
  const fleet = await startFleet(
    [1, 2].map((id) => ({ id, host: guide.here(`10.0.0.${id}`), port: guide.bin, capabilities, data })),
  );
  await guide.until('sh daemon');
  for (const machine of fleet) machine.know({ id: MEMBER, url: guide.here('bin:10.0.0.9:5566') });
  const knowsAll = () => fleet.every(({ topology }) => topology.neighbours.get(MEMBER)?.size === 2);
  await Promise.all(fleet.map((machine) => machine.until(() => machine.links.isUp(MEMBER) && knowsAll())));
  await guide.until('text listen');
  await guide.until('text listen');
  const bob = encodeContact('contact_insert', contactAt('192.0.2.2:5060', 'bob'));
  fleet[1]?.send(MEMBER, { capability: USRLOC, version: USRLOC_VERSION, ...bob });
  await guide.end();
});
