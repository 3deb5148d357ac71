import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { parseAllDocuments } from 'yaml';

jest.setTimeout(30_000);

const FILE = join(__dirname, '../../deploy/kubernetes/clusterer.yaml');
const script: string = parseAllDocuments(readFileSync(FILE, 'utf8'))
  .map((document) => document.toJS())
  .find(({ kind }) => kind === 'ConfigMap').data['label-leader.sh'];

const hasCurl = existsSync('/usr/bin/curl');

/** Runs the script of the container against a replica and an API of Kubernetes that this test plays. */
(hasCurl ? test : test.skip)('the label of a pod follows its leadership, also when the API refuses once', async () => {
  let leads = false;
  let refusals = 1;
  const accepted: string[] = [];
  const server = createServer(async (request, response) => {
    if (request.url === '/leaderz') {
      response.writeHead(leads ? 200 : 503).end();
      return;
    }
    const body = await text(request);
    const isRefused = refusals-- > 0;
    if (!isRefused) accepted.push(`${request.method} ${request.url} ${body}`);
    response.writeHead(isRefused ? 500 : 200).end();
    server.emit('asked');
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const env = { PATH: process.env.PATH, POD: 'hub-x', NAMESPACE: 'sip', API: url, SERVICE: url };
  // A group of its own, so that the curl that runs ends too.
  const child = spawn('sh', ['-c', script], { env, stdio: 'ignore', detached: true });
  const until = async (count: number) => {
    while (accepted.length < count) await once(server, 'asked');
  };
  try {
    await until(1);
    leads = true;
    await until(2);
    leads = false;
    await until(3);
  } finally {
    process.kill(-(child.pid ?? 0), 'SIGKILL');
    server.closeAllConnections();
    server.close();
  }
  const patch = (value: string) =>
    `PATCH /api/v1/namespaces/sip/pods/hub-x {"metadata":{"labels":{"clusterer-leader":"${value}"}}}`;
  expect(accepted).toEqual([patch('false'), patch('true'), patch('false')]);
});
