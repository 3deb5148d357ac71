import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { WebhookSecrets } from '../../../src/security/webhook-secrets.js';

/** The test vector of Standard Webhooks. */
const SECRET = 'whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw';
const SIGNED = ['msg_p5jXN8AQM9LWM0D4loKWxJek', 1_614_265_330, '{"test": 2432232314}'] as const;
const SIGNATURE = 'v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=';

const OTHER = `whsec_${Buffer.alloc(32, 7).toString('base64')}`;

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clusterer-secrets-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

function secretsIn(text: string): WebhookSecrets {
  const file = join(folder, 'secret');
  writeFileSync(file, text);
  return new WebhookSecrets(file);
}

describe('the secrets of a webhook', () => {
  it('sign as Standard Webhooks does', () => {
    expect(secretsIn(`${SECRET}\n`).sign(...SIGNED)).toBe(SIGNATURE);
  });

  it('sign with each secret of the file', () => {
    const [first, second, ...more] = secretsIn(`# new\n${OTHER}\n\n# old\n${SECRET}\n`)
      .sign(...SIGNED)
      .split(' ');
    expect([second, more]).toEqual([SIGNATURE, []]);
    expect(first).toMatch(/^v1,[A-Za-z0-9+/]{43}=$/);
    expect(first).not.toBe(SIGNATURE);
  });

  it('change with their file, and stay when the new text cannot be used', () => {
    const secrets = secretsIn(OTHER);
    expect(secrets.replace(SECRET)).toBe(true);
    expect(secrets.replace(`# the same\n${SECRET}\n`)).toBe(false);
    expect(() => secrets.replace('')).toThrow('it has no secret');
    expect(secrets.sign(...SIGNED)).toBe(SIGNATURE);
  });

  it.each([
    ['is empty', '\n# nothing\n', 'it has no secret'],
    ['has no prefix', SECRET.slice(6), 'a secret is whsec_ and the base64 of 24 to 64 random bytes'],
    ['is too short', 'whsec_c2hvcnQ=', 'a secret is whsec_'],
    ['is too long', `whsec_${Buffer.alloc(65).toString('base64')}`, 'a secret is whsec_'],
    ['is not base64', `whsec_${'?'.repeat(40)}`, 'a secret is whsec_'],
    ['occurs five times', `${SECRET}\n`.repeat(5), 'it has more than 4 secrets'],
  ])('are refused, and not shown, when one %s', (_, text, fault) => {
    expect(() => secretsIn(text)).toThrow(fault);
    expect(() => secretsIn(text)).not.toThrow(/MfKQ9r8G/);
  });
});
