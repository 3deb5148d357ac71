import { copyFileSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { readConfig } from '../../src/config/variables.js';
import { certificate, pem } from '../fixtures/certificates.js';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

// The file watcher needs a second.
jest.setTimeout(30_000);

const WARN = 40;
const EXPIRED = 'certificate expired: peers that verify it refuse the connection; renew it';
const FUTURE = 'certificate not yet valid: peers that verify it refuse the connection until then';
const WRONG_ORDER =
  'certificate chain in the wrong order: this certificate did not sign the one before it; put each issuer after the certificate it signed';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'clusterer-chains-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

/** A file of these certificates, one after another. */
function chain(...names: readonly string[]): string {
  const file = join(folder, `${names.join('-')}.crt`);
  writeFileSync(file, names.map((name) => pem(`${name}.crt`)).join(''));
  return file;
}

const warnings = (service: TestService) => service.logLines.filter(({ level }) => level === WARN);

test.each([
  ['expired', { msg: EXPIRED, subject: 'CN=expired', certificate: 1, valid_until: '2021-01-01T00:00:00.000Z' }],
  ['future', { msg: FUTURE, subject: 'CN=future', certificate: 1, valid_from: '2090-01-01T00:00:00.000Z' }],
])('a start with a certificate of kind %s logs a warning with the date', async (name, line) => {
  const pair = [certificate(`${name}.crt`), certificate(`${name}.key`)] as const;
  const service = await startService({ CLUSTERER_TLS_CERT: pair[0], CLUSTERER_TLS_KEY: pair[1] });
  expect(warnings(service)).toMatchObject([{ file: pair[0], ...line }]);
});

test('the dates of every certificate of a chain and of the authorities are checked', async () => {
  const service = await startService({
    CLUSTERER_BINS_CERT: chain('service', 'ca'),
    CLUSTERER_BINS_KEY: certificate('service.key'),
    CLUSTERER_BINS_CA: chain('ca', 'future', 'expired'),
  });
  expect(warnings(service)).toMatchObject([
    { msg: FUTURE, certificate: 2 },
    { msg: EXPIRED, certificate: 3 },
  ]);
});

test('a reload of an expired certificate logs a warning', async () => {
  const [cert, key] = [join(folder, 'crt'), join(folder, 'key')];
  const install = (name: string) => {
    copyFileSync(certificate(`${name}.crt`), cert);
    copyFileSync(certificate(`${name}.key`), key);
  };
  install('service');
  const service = await startService({ CLUSTERER_TLS_CERT: cert, CLUSTERER_TLS_KEY: key });
  install('expired');
  expect(await service.logLine({ msg: EXPIRED })).toMatchObject({ level: WARN, file: cert });
});

test('a chain that does not start with the certificate of the key is refused', () => {
  const environment = { CLUSTERER_TLS_CERT: chain('ca', 'service'), CLUSTERER_TLS_KEY: certificate('service.key') };
  expect(() => readConfig(environment)).toThrow(
    'CLUSTERER_TLS_CERT has its chain in the wrong order: put the certificate of CLUSTERER_TLS_KEY first, and each issuer after the certificate it signed',
  );
});

test('a chain whose later certificates are in the wrong order logs a warning', async () => {
  const file = chain('service', 'machine', 'ca');
  const service = await startService({ CLUSTERER_TLS_CERT: file, CLUSTERER_TLS_KEY: certificate('service.key') });
  expect(warnings(service)).toMatchObject([{ msg: WRONG_ORDER, file, certificate: 2 }]);
});

test('a damaged certificate in a chain is refused with its number', () => {
  const file = join(folder, 'damaged.crt');
  writeFileSync(file, `${pem('service.crt')}-----BEGIN CERTIFICATE-----\ns3cret\n-----END CERTIFICATE-----\n`);
  const environment = { CLUSTERER_TLS_CERT: file, CLUSTERER_TLS_KEY: certificate('service.key') };
  expect(() => readConfig(environment)).toThrow(
    'CLUSTERER_TLS_CERT names a file in which certificate 2 cannot be read',
  );
});
