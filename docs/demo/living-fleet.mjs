import { connect } from 'clusterer/client';
import { SimulatedMachine } from '../../test/support/fleet/node.js';

const CLUSTER = 1;
const CONTACTS = 'usrloc-contact-repl';

/** The id and the address of this service in the fleet: machines know each other by IP. */
export const OWN_ID = 9;
export const OWN_HOST = '127.0.0.9';

/** How a fleet of OpenSIPS 2.4 to 4.0 differs from the service's defaults, and times that suit a reader. */
export const FLEET_ENVIRONMENT = {
  CLUSTERER_DIALECT: '2.4',
  CLUSTERER_SERVER_ID: String(OWN_ID),
  CLUSTERER_BIN_HOST: OWN_HOST,
  CLUSTERER_PING_INTERVAL_SECONDS: '1',
  CLUSTERER_PING_TIMEOUT_MS: '200',
  CLUSTERER_NODE_TIMEOUT_SECONDS: '1',
};

/** `AOR_INSERT` of usrloc: domain, address of record, two labels. */
function record(name) {
  const int = (value) => Buffer.from(Int32Array.of(value).buffer);
  const text = (value) => Buffer.concat([Buffer.from(Uint16Array.of(value.length).buffer), Buffer.from(value)]);
  return Buffer.concat([text('location'), text(name), int(1), int(1)]);
}

function chunk(name) {
  return Buffer.concat([Buffer.alloc(4), record(name)]);
}

/** The service relays before others do. */
function ownRow(url) {
  return { id: OWN_ID, url, priority: 10 };
}

/** Three machines of different releases; the first holds contacts that others may sync. */
function fleetOf(url) {
  const capabilities = { [CONTACTS]: true };
  const data = { [CONTACTS]: { version: 3, chunks: ['alice', 'bob', 'carol'].map(chunk) } };
  const machines = [
    new SimulatedMachine({ id: 1, host: '127.0.0.2', family: 'E', pingsWhenIdle: true, capabilities, data }),
    new SimulatedMachine({ id: 2, host: '127.0.0.3', family: 'E', capabilities, data }),
    new SimulatedMachine({ id: 3, host: '127.0.0.4', family: 'C3', capabilities }),
  ];
  const start = async () => {
    for (const machine of machines) await machine.start();
    for (const machine of machines) for (const row of [...machines, ownRow(url)]) machine.know(row);
  };
  return { machines, start };
}

/** A fleet that lives: a machine dies, is kept apart from another, and comes back; a module gets what a machine holds. */
export async function playFleet({ url, bin, ask, say, seen, failed, pause, isEnding }) {
  const own = `bin:${OWN_HOST}:${bin}`;
  const { machines, start } = fleetOf(own);
  const [first, second, third] = machines;
  const link = (id, to) => seen('link', (change) => change.machine_id === id && change.to === to);
  await start();
  await ask('POST', `/clusters/${CLUSTER}/machines`, { machine_id: OWN_ID, url: own, priority: 10 });
  say('three simulated machines, of OpenSIPS 4.0, 3.4 and 3.1, get a row each: they and the service ping each other');
  const linked = machines.map(({ id }) => link(id, 'up'));
  for (const machine of machines) {
    const body = { machine_id: machine.id, url: machine.url, description: `sip-${machine.id}` };
    await ask('POST', `/clusters/${CLUSTER}/machines`, body);
  }
  await Promise.all(linked);
  await pause();

  while (!isEnding()) {
    say('a module registers for contacts and asks for what the fleet holds');
    const client = await connect(url, { onError: failed });
    const synced = new Promise((resolve) => {
      const request = { module: 'ul', timeout: 0, authCheck: true, clusterId: CLUSTER, sync: true };
      void client.registerModule(request, {
        packet: (packet) =>
          say(
            `    the module gets type ${packet.packet_type} of machine ${packet.machine_id}${packet.sync ? ' (sync)' : ''}`,
          ),
        syncEnded: resolve,
      });
    });
    await synced;
    await pause();

    say('machine 3 dies: its pings stay unanswered, and it is disabled at the third');
    third.rows = [first, second, ownRow(own)].map((row) => ({ id: row.id, url: row.url, priority: row.priority }));
    await Promise.all([seen('node_state', ({ to }) => to === 'temp_disabled'), third.kill()]);
    await pause();
    say('machine 3 comes back, and pings: it is up at once');
    await Promise.all([seen('node_state', ({ to }) => to === 'up'), third.start()]);
    await pause();

    say('the network separates machine 1 from machines 2 and 3: what they send to each other goes through the service');
    first.partition(2, 3);
    second.partition(1);
    third.partition(1);
    await first.until(() => !first.links.isUp(2) && first.topology.nextHop(2) === OWN_ID);
    const before = second.packets(CONTACTS).length;
    const send = () => first.send(2, { capability: CONTACTS, version: 3, type: 1, body: record('dave') });
    send();
    // Nothing acknowledges a packet, and on a busy machine a late ping may leave it without a way.
    const again = setInterval(send, 1000);
    await second.until(() => second.packets(CONTACTS).length > before);
    clearInterval(again);
    say('    machine 2 has the packet of machine 1');
    for (const machine of machines) machine.heal();
    await first.until(() => first.links.isUp(2) && first.links.isUp(3));
    await client.close();
    await pause();
    say('That was everything; the demo starts over.');
  }
}
