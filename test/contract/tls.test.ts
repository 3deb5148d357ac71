import { execFileSync, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { get } from 'node:https';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectTlsPeer, endTlsPeersAfterEach } from '../support/peers/tls-peer.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();
endTlsPeersAfterEach();

// Key generation is slow on a busy machine.
jest.setTimeout(30_000);

const DOCUMENT = readFileSync(join(__dirname, '../../docs/tls.md'), 'utf8');

function blockOf(language: string): string {
  const [, block] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(DOCUMENT) ?? [];
  if (block === undefined) throw new Error(`docs/tls.md has no block of ${language}`);
  return block;
}

// Without openssl this is skipped, and fails with CI=true, as with databases.
const withOpenssl = process.env.CI === 'true' || spawnSync('openssl', ['version']).status === 0 ? it : it.skip;

withOpenssl('the commands and variables of docs/tls.md give HTTPS and BIN over TLS', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'clusterer-tls-'));
  execFileSync('bash', ['-ec', blockOf('bash openssl')], { cwd: folder, stdio: 'pipe' });
  const variables = [...blockOf('env').matchAll(/^(\w+)=(\S+)$/gm)].map(([, name = '', value = '']) => {
    return [name, value.includes('.') ? join(folder, value) : '0'] as const;
  });
  const service = await startService(Object.fromEntries(variables));
  const ca = readFileSync(join(folder, 'ca.crt'));
  const [response] = await once(
    get(`${service.httpUrl.replace('http', 'https')}/healthz`, { ca, agent: false }),
    'response',
  );
  expect(response.resume().statusCode).toBe(200);
  const own = { cert: readFileSync(join(folder, 'service.crt')), key: readFileSync(join(folder, 'service.key')) };
  const peer = await connectTlsPeer(service, '127.0.0.1', { ca, ...own });
  expect(peer.authorized).toBe(true);
  rmSync(folder, { recursive: true });
});
