import { inPrivateNetwork, runInPrivateNetwork } from '../support/peers/private-network.js';

/**
 * Sends to machine 2 all the time and to machine 3 once, then takes the network down. Prints after how many seconds a failed attempt of
 * machine 2 was counted, and the outcome of a packet to each of them half a minute later.
 */
const PROGRAM = `
  const { execFileSync } = require('node:child_process');
  const { createServer } = require('node:net');
  const { Acknowledgements } = require('./dist/bin/out/acknowledgements.js');
  const { BinSender } = require('./dist/bin/out/sender.js');
  const log = { warn: () => {} };
  const failed = [];
  let lostAt = 0;
  const after = () => (performance.now() - lostAt) / 1000;
  const options = { localAddress: '127.0.0.1', connectTimeoutMs: 500, writeTimeoutMs: 500, queueBytes: 1e6, mayWrite: () => true, opened: () => {} };
  const sender = new BinSender({ ...options, acknowledgements: new Acknowledgements(log) }, {}, {
    failed: (cluster, machine) => failed.push({ machine, after: after() }),
    succeeded: () => {},
  });
  const ip = '127.0.0.1';
  const send = (machineId) => new Promise((done) => {
    const target = { clusterId: 1, machineId, protocol: 'bin', host: ip, ip, port: 5555, attempt: 1 };
    sender.send(target, Buffer.alloc(26), done);
  });
  createServer((socket) => socket.resume()).listen(5555, ip, async () => {
    await Promise.all([send(2), send(3)]);
    execFileSync('ip', ['link', 'set', 'lo', 'down']);
    lostAt = performance.now();
    const first = await send(2);
    const timer = setInterval(() => failed.length > 0 ? clearInterval(timer) : void send(2), 1000);
    setTimeout(async () => {
      console.log(JSON.stringify({ first, failed: failed[0] ?? null, last: [await send(2), await send(3)] }));
      process.exit();
    }, 29_000);
  });`;

inPrivateNetwork(
  'a machine that vanishes is noticed within half a minute, idle or not, and counts a failed attempt during sends',
  async () => {
    const { first, failed, last } = JSON.parse(await runInPrivateNetwork(PROGRAM));
    expect(first).toBeNull();
    expect(failed).toEqual({ machine: 2, after: expect.any(Number) });
    expect(failed.after).toBeGreaterThan(15);
    expect(last).toEqual(['timeout', 'timeout']);
  },
  60_000,
);
