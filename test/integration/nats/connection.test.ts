import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { openStream } from '../../../src/nats/stream.js';
import { certificate } from '../../fixtures/certificates.js';
import { closeConnections, connectTo, until } from '../../support/nats/connect.js';
import { createOperator } from '../../support/nats/credentials.js';
import { describeWithNats, NatsServer } from '../../support/nats/nats-server.js';
import { freePort } from '../../support/service/free-port.js';

jest.setTimeout(60_000);

describeWithNats('a connection to NATS', () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-nats-files-'));
  const servers: NatsServer[] = [];
  afterEach(async () => {
    await closeConnections();
    for (const server of servers.splice(0)) await server.stop();
  });
  afterAll(() => rmSync(folder, { recursive: true }));

  async function start(...options: string[]): Promise<NatsServer> {
    const server = await NatsServer.start(options);
    servers.push(server);
    return server;
  }

  function file(name: string, text: string): string {
    const path = join(folder, name);
    writeFileSync(path, text);
    return path;
  }

  it('fails to start if no server is reached, and names the variable', async () => {
    const server = await start();
    const url = `nats://alice:secret@127.0.0.1:${await freePort()}`;
    const error: Error = await connectTo(server, { servers: [url] }).then(
      () => new Error('connected'),
      (it: Error) => it,
    );
    expect(error.message).toContain('CLUSTERER_NATS_URL: no NATS server was reached');
    expect(error.message).not.toContain('secret');
  });

  it('fails to start within 5 s if the server is frozen', async () => {
    const server = await start();
    server.freeze();
    const before = performance.now();
    await expect(connectTo(server)).rejects.toThrow('CLUSTERER_NATS_URL');
    expect(performance.now() - before).toBeLessThan(8_000);
  });

  it('uses the second server if the first one does not run', async () => {
    const server = await start();
    const connection = await connectTo(server, { servers: [`127.0.0.1:${await freePort()}`, server.url] });
    expect(connection.isConnected).toBe(true);
  });

  it('takes user name and password from the URL, and names the variable if they are wrong', async () => {
    const server = await start('--user', 'alice', '--pass', 'se@cret');
    await connectTo(server, { servers: [`nats://alice:se%40cret@${server.url}`] });
    await expect(connectTo(server)).rejects.toThrow('CLUSTERER_NATS_CREDS: the NATS server requires credentials.');
  });

  it('uses a credentials file, and names the variable if the server does not accept it', async () => {
    const { configuration, credentials } = createOperator();
    const server = await start('--config', file('operator.conf', configuration));
    await connectTo(server, { credsFile: file('user.creds', credentials) });
    const other = file('other.creds', createOperator().credentials);
    const fault = 'CLUSTERER_NATS_CREDS: the NATS server does not accept the credentials.';
    await expect(connectTo(server, { credsFile: other })).rejects.toThrow(fault);
    await expect(connectTo(server, { credsFile: file('empty.creds', '') })).rejects.toThrow('CLUSTERER_NATS_CREDS');
  });

  it('checks the certificate of a server with TLS', async () => {
    const pair = ['--tlscert', certificate('service.crt'), '--tlskey', certificate('service.key')];
    const server = await start('--tls', ...pair);
    const url = `tls://localhost:${server.port}`;
    await connectTo(server, { servers: [url], caFile: certificate('ca.crt') });
    await expect(connectTo(server, { servers: [url] })).rejects.toThrow('CLUSTERER_NATS_URL');
  });

  it('reports a lost server, and connects again when it is back', async () => {
    const server = await start();
    const connection = await connectTo(server);
    const states: boolean[] = [];
    connection.onStatus((isConnected) => states.push(isConnected));
    await server.kill();
    await until(() => !connection.isConnected);
    expect(connection.disconnectedSince).not.toBeNull();
    await server.run();
    await until(() => connection.isConnected);
    expect(states).toEqual([false, true]);
  });

  it('notices a frozen server in about a second', async () => {
    const server = await start();
    const connection = await connectTo(server);
    const before = performance.now();
    server.freeze();
    await until(() => !connection.isConnected);
    expect(performance.now() - before).toBeLessThan(5_000);
    server.thaw();
    await until(() => connection.isConnected);
  });

  it('finds the same log after a restart of the server, and another one after a loss of its files', async () => {
    const server = await start();
    const connection = await connectTo(server);
    const settings = { prefix: 'test', replicas: 1 };
    const { epoch } = await (await openStream(connection.nats, settings)).state();
    await server.kill();
    await server.run();
    await until(() => connection.isConnected);
    expect((await (await openStream(connection.nats, settings)).state()).epoch).toBe(epoch);
    await server.stop();
    await server.run();
    await until(() => connection.isConnected);
    const again = await (await openStream(connection.nats, settings)).state();
    expect(again.epoch).not.toBe(epoch);
    expect(again).toMatchObject({ firstSeq: 1, lastSeq: 0 });
  });

  it('refuses a number of replicas that the log does not have, or NATS cannot have', async () => {
    const connection = await connectTo(await start());
    const open = (replicas: number) => openStream(connection.nats, { prefix: 'test', replicas });
    await expect(open(3)).rejects.toThrow('CLUSTERER_NATS_REPLICAS: NATS cannot keep 3 replicas of the log');
    await Promise.all([open(1), open(1)]);
    await expect(open(3)).rejects.toThrow('CLUSTERER_NATS_REPLICAS is 3, but the stream TEST_LOG has 1 replicas.');
  });
});
