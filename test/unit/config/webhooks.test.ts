import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ConfigError, readConfig } from '../../../src/config/variables.js';

const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';

let folder: string;
let file: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'clusterer-webhooks-'));
  file = join(folder, 'secret');
  writeFileSync(file, SECRET);
  writeFileSync(join(folder, 'short'), 'whsec_c2hvcnQ=');
});
afterAll(() => {
  rmSync(folder, { recursive: true });
});

const read = (value: string) => readConfig({ CLUSTERER_WEBHOOKS: value }).webhooks;

function faultsOf(value: string): string {
  try {
    read(value);
  } catch (error) {
    if (error instanceof ConfigError) return error.faults.join('\n');
    throw error;
  }
  throw new Error('the value was accepted');
}

describe('CLUSTERER_WEBHOOKS', () => {
  it('may be empty', () => {
    expect(read('')).toEqual([]);
  });

  it('has entries with ; or line breaks between them, and all events where none are named', () => {
    const found = read(
      `pager https://alerts.example/hook?key=1 secret=${file};\n chat  http://10.0.0.1:8080/ events=tag,drain secret=${file} ;`,
    );
    expect(found.map(({ name, url, events }) => [name, url, [...events]])).toEqual([
      ['pager', 'https://alerts.example/hook?key=1', ['node_state', 'drain', 'reception', 'tag']],
      ['chat', 'http://10.0.0.1:8080/', ['drain', 'tag']],
    ]);
  });

  it('reports the faults of all entries at once', () => {
    const faults = faultsOf(
      `a ftp://x secret=${file}; b https://x events=packet; c/d https://x secret=${file} color=red; e https://x secret=${folder}/none`,
    );
    expect(faults).toMatch(/^CLUSTERER_WEBHOOKS cannot be used: /);
    for (const fault of [
      'the webhook a must be',
      'the webhook b must have events of node_state, drain, reception, tag',
      'the webhook b must have secret= and the path of a file',
      'the webhook 3 must be `name url secret=FILE events=TYPES`; a name is',
      'the webhook 3 must be `name url secret=FILE events=TYPES`; it may have secret= and events= once',
      `the webhook e names the secret file ${folder}/none, which cannot be used: `,
      'ENOENT',
    ]) {
      expect(faults).toContain(fault);
    }
  });

  it('has each name once, and each setting once', () => {
    expect(faultsOf(`a https://x secret=${file}; a https://y secret=${file}`)).toContain('the webhook a occurs twice');
    expect(faultsOf(`a https://x secret=${file} secret=${file}`)).toContain('once, and nothing else');
  });

  it('shows neither a secret nor a URL, which may have a key', () => {
    const faults = faultsOf(`a https://user:hidden@x/?key=hidden secret=${folder}/short; b https://x?hidden=${SECRET}`);
    expect(faults).toContain('the webhook a must be `name url secret=FILE events=TYPES`; the URL must be');
    expect(faults).toContain('a secret is whsec_ and the base64 of');
    expect(faults).not.toMatch(/hidden|c2hvcnQ|MfKQ/);
  });
});
