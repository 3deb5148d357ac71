const { floodRate, REGISTRATION, startLoad, startRelay } = require('./support/relaying.js');
const { startScript } = require('./support/processes.js');

const REGISTRATIONS = [1, 10, 100, 1_000];

/** Packets of a flood to all of so many: each takes about a second. */
const TO_ALL = { 1: 2_000_000, 10: 500_000, 100: 100_000, 1000: 15_000 };

const REGISTRATIONS_OF_A_SOCKET = 250;

/** One that gets the packets, and others of other names, which only are there. */
async function rateBeside(registrations, options) {
  const service = await startRelay();
  const others = startScript('load/modules.js', 'load');
  const load = await startLoad(service, { subprotocol: 'clusterer.v1.bin' });
  const requests = Array.from({ length: registrations - 1 }, (_, i) => {
    return { method: 'register_module', params: { ...REGISTRATION, module: `other${i}` } };
  });
  for (let from = 0; from < requests.length; from += REGISTRATIONS_OF_A_SOCKET) {
    const some = requests.slice(from, from + REGISTRATIONS_OF_A_SOCKET);
    await others.call('open', { http: service.http, requests: some });
  }
  const rate = await floodRate(load, service.pid, options);
  await Promise.all([load.stop(), others.stop()]);
  await service.stop();
  return rate;
}

/** All of the same name: each gets every packet, on a socket of its own. */
async function rateToAll(registrations, options) {
  const service = await startRelay();
  const receivers = Array.from({ length: registrations }, () => ['ul']);
  const load = await startLoad(service, { subprotocol: 'clusterer.v1.bin', receivers });
  const rate = await floodRate(load, service.pid, options);
  await load.stop();
  await service.stop();
  return rate;
}

/** How a packet's cost grows with registrations: those it is not for, and those it is for. */
async function run({ rounds, quick }) {
  const results = [];
  const part = quick ? 20 : 1;
  for (const registrations of REGISTRATIONS) {
    const value = await rateBeside(registrations, { rounds, count: 2_000_000 / part });
    const what = `relay to one registration of ${registrations.toLocaleString('en')}, each of another module`;
    results.push({ what, unit: 'packets/s', value });
  }
  for (const registrations of REGISTRATIONS) {
    const value = await rateToAll(registrations, { rounds, count: TO_ALL[registrations] / part });
    const what = `relay to all of ${registrations.toLocaleString('en')} registrations, a socket each`;
    results.push({ what, unit: 'packets/s in', value });
  }
  return results;
}

module.exports = { run };
