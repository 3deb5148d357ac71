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

// Keys take their time where much else runs.
jest.setTimeout(30_000);

const DOCUMENT = readFileSync(join(__dirname, '../../docs/tls.md'), 'utf8');

function blockOf(language: string): string {
  const [, block] = new RegExp(`\`\`\`${language}\n([^]*?)\`\`\``).exec(DOCUMENT) ?? [];
  if (block === undefined) throw new Error(`docs/tls.md has no block of ${language}`);
  return block;
}

// As with databases: where openssl is away this is skipped, and fails with CI=true.
const withOpenssl = process.env.CI === 'true' || spawnSync('openssl', ['version']).status === 0 ? it : it.skip;

withOpenssl(
  'the certificates that docs/tls.md makes, and the variables it sets, serve HTTPS and BIN over TLS',
  async () => {
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
  },
);
