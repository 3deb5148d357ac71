import { connect } from 'clusterer/client';
import { Machine } from './machine.mjs';

/** How often a packet goes to the cluster, in milliseconds. */
const SEND_EVERY_MS = 500;

/** How long a drain lasts, in milliseconds. */
const DRAIN_MS = 4_000;

/** Columns of the table: three failed attempts in a row disable a machine for four seconds. */
const LIMITS = { failed_attempts: 3, duration: 4 };

/** Seven machines, one of which is added and removed. */
export function fleetOf(hostOf, to) {
  const names = ['sip-1', 'sip-2', 'sip-3', 'sip-4', 'sip-5'];
  const proxies = names.map(
    (name, index) => new Machine({ clusterId: 1, id: index + 1, name, host: hostOf(index), to }),
  );
  const relays = ['rtp-1', 'rtp-2'].map((name, index) => {
    return new Machine({ clusterId: 2, id: index + 1, name, host: hostOf(names.length + index), to });
  });
  return [...proxies, ...relays];
}

/** Starts the machines, provisions all but the one that is added later, and sends to cluster 1 from now on. */
export async function startFleet(machines, { ask, failed }) {
  for (const machine of machines) {
    await machine.listen();
    if (machine.name !== 'sip-5') await provision(machine, ask);
    machine.speak();
  }
  setInterval(() => {
    ask('POST', '/clusters/1/packets', { module: 'ul', packet_type: 1 }).catch(failed);
  }, SEND_EVERY_MS);
}

function provision({ clusterId, id, url, name }, ask) {
  return ask('POST', `/clusters/${clusterId}/machines`, { machine_id: id, url, description: name, ...LIMITS });
}

/** A machine refuses connections and recovers. Another falls silent and speaks again too early. */
export async function failures([, sip2, sip3], { say, seen, pause }) {
  const state = (to) => seen('node_state', ({ machine, to: now }) => machine.description === 'sip-3' && now === to);
  const reception = (to) => seen('reception', (change) => change.machine_id === sip2.id && change.to === to);

  say('sip-3 refuses connections: after three failed attempts it is temporarily disabled');
  await Promise.all([state('temp_disabled'), sip3.refuse()]);
  say('sip-3 accepts connections again, and is enabled after its four seconds');
  await Promise.all([state('up'), sip3.listen()]);
  await pause();

  say('sip-2 falls silent: after two seconds the module ul gets a timeout');
  sip2.fallSilent();
  await reception('disabled');
  say('sip-2 speaks again, too early: for four seconds its packets are dropped');
  sip2.speak();
  await reception('receiving');
  await pause();
}

/** Operators add, remove, set down and drain machines and reload the table; a module comes and goes. */
export async function operations([sip1, , , sip4, sip5], { url, ask, say, seen, failed, pause }) {
  const at = ({ clusterId, id }) => `/clusters/${clusterId}/machines/${id}`;

  say('an operator adds sip-5 and raises its limit of failed attempts');
  await provision(sip5, ask);
  await pause();
  await ask('PUT', at(sip5), { failed_attempts: 5 });
  await pause();

  say('an operator sets sip-4 down and up again');
  await ask('PUT', `${at(sip4)}/status`, { status: 'down' });
  await pause();
  await ask('PUT', `${at(sip4)}/status`, { status: 'up' });
  await pause();

  say('an operator drains sip-1 for four seconds');
  const until = new Date(Date.now() + DRAIN_MS).toISOString();
  const ended = seen('node_state', ({ cause }) => cause === 'drain_end');
  await Promise.all([ended, ask('PUT', `${at(sip1)}/status`, { status: 'down', reason: 'kernel update', until })]);
  await pause();

  say('a second module registers for ratelimit and leaves');
  const client = await connect(url, { onError: failed });
  await client.registerModule({ module: 'ratelimit', timeout: 0, authCheck: true, clusterId: 1 }, {});
  await pause();
  await client.close();
  await pause();

  say('an operator reloads the table and removes sip-5');
  await ask('POST', '/reload');
  await pause();
  await ask('DELETE', at(sip5));
  await pause();
}
