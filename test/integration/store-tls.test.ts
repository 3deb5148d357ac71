import { openDatabase } from '../../src/storage/database.js';
import { certificate } from '../fixtures/certificates.js';
import { type PrivateServer, SERVER_KINDS } from '../support/tables/private-servers.js';
import { ROW } from '../support/tables/rows.js';
import { DEFAULT_COLUMNS, DEFAULTS } from './store-databases.js';

/** Creating the empty data of a server takes seconds on a busy machine. */
jest.setTimeout(120_000);

const CA = certificate('ca.crt');
const MACHINE = `sslcert=${certificate('machine.crt')}&sslkey=${certificate('machine.key')}`;
const STRANGER = `ssl-cert=${certificate('stranger.crt')}&ssl-key=${certificate('stranger.key')}`;

/** Opens the database and writes a row. Returns the warnings. */
async function use(url: string): Promise<unknown[]> {
  const warnings: unknown[] = [];
  const { machines } = await openDatabase(
    { ...DEFAULTS, url, table: 'clusterer', columns: DEFAULT_COLUMNS },
    { warn: (fields, message) => warnings.push([message, fields]) },
  );
  await machines.insert(ROW);
  await machines.close();
  return warnings;
}

for (const kind of SERVER_KINDS) {
  const suite = kind.installed ? describe : describe.skip;
  const scheme = kind.name === 'PostgreSQL' ? 'postgres' : 'mysql';
  const [user, database] = kind.name === 'PostgreSQL' ? ['postgres', 'postgres'] : ['root', 'test'];
  // The default time-outs are as long as a database may take to come back.
  const soon = kind.name === 'MariaDB' ? '&acquireTimeout=1000&connectTimeout=1000' : '';

  suite(`A ${kind.name} that takes encrypted connections only`, () => {
    let server: PrivateServer;
    const at = (options: string, { host = '127.0.0.1', as = user } = {}) =>
      `${scheme}://${as}@${host}:${server.port}/${database}?${options}${soon}`;

    beforeAll(async () => {
      server = await kind.start(true);
    });
    afterAll(async () => {
      await server.stop();
    });

    it.each([
      'sslmode=require',
      'ssl-mode=REQUIRED',
      'ssl_mode=required',
      'sslMode=require',
      'ssl=true',
      'ssl=1',
      'sslmode=no-verify',
      'sslmode=allow',
      'sslmode=prefer',
      'ssl-mode=PREFERRED',
      `sslmode=require&sslrootcert=${CA}`,
      `sslmode=verify-ca&sslrootcert=${CA}`,
      `ssl-mode=VERIFY_CA&ssl-ca=${CA}`,
      `sslmode=verify-full&sslrootcert=${CA}`,
      `ssl-mode=VERIFY_IDENTITY&ssl-ca=${CA}`,
      `ssl=true&sslmode=verify-full&sslrootcert=${CA}`,
      `sslrootcert=${CA}`,
    ])('is used with %s', async (options) => {
      await expect(use(at(options))).resolves.toBeDefined();
    });

    it.each(['', 'sslmode=disable', 'ssl-mode=DISABLED', 'ssl=false', 'ssl=0'])(
      'is connected to in clear text with "%s"',
      async (options) => {
        await expect(use(at(options))).rejects.toThrow(/no encryption|insecure transport|Access denied/);
      },
    );

    it.each([
      ['an authority that is not trusted', 'sslmode=verify-full', /\(self-signed certificate.*\)/],
      [
        'another authority',
        `sslmode=verify-ca&sslrootcert=${certificate('stranger.crt')}`,
        /\((self-signed|unable to).*\)/,
      ],
      [
        'another authority',
        `sslmode=require&sslrootcert=${certificate('stranger.crt')}`,
        /\((self-signed|unable to).*\)/,
      ],
      ['a client certificate that it does not trust', `sslmode=require&${STRANGER}`, /\(.*alert unknown ca.*\)/],
    ])('is refused for %s, with the reason on one line: %s', async (_what, options, reason) => {
      const error: unknown = await use(at(options)).catch((caught) => caught);
      expect(error).toMatchObject({ code: 'database_unavailable', message: expect.stringMatching(reason) });
      expect(error).toMatchObject({ message: expect.not.stringContaining('\n') });
    });

    it('must have the host of its certificate only where the name is verified', async () => {
      const elsewhere = { host: '127.0.0.2' };
      await expect(use(at(`sslmode=verify-full&sslrootcert=${CA}`, elsewhere))).rejects.toThrow(
        // MariaDB's driver has the same words for every certificate that it cannot verify.
        /IP: 127\.0\.0\.2 is not in the cert's list|self-signed certificate/,
      );
      await expect(use(at(`sslmode=verify-ca&sslrootcert=${CA}`, elsewhere))).resolves.toBeDefined();
    });

    it('gets the client certificate', async () => {
      const certified = { as: 'certified' };
      await expect(use(at('sslmode=require', certified))).rejects.toThrow(/certificate|Access denied/);
      const opened = use(at(`sslmode=require&${MACHINE}`, certified));
      // PostgreSQL has no such user, and says so only after it has accepted the certificate.
      if (kind.name === 'PostgreSQL') await expect(opened).rejects.toThrow('role "certified" does not exist');
      else await expect(opened).resolves.toBeDefined();
    });

    it('is used at its Unix socket, as OpenSIPS writes it, and in clear text', async () => {
      await expect(use(`${scheme}://${user}@unix(${server.socket})/${database}`)).resolves.toBeDefined();
      await expect(use(`${scheme}://${user}@unix(${server.socket})/${database}?ssl-mode=PREFERRED`)).resolves.toEqual(
        [],
      );
    });
  });

  suite(`A ${kind.name} without TLS`, () => {
    let server: PrivateServer;
    const at = (options: string) => `${scheme}://${user}@127.0.0.1:${server.port}/${database}?${options}${soon}`;

    beforeAll(async () => {
      server = await kind.start(false);
    });
    afterAll(async () => {
      await server.stop();
    });

    it.each(['sslmode=require', 'ssl-mode=REQUIRED', 'ssl=true', `ssl-ca=${CA}`])(
      'is refused with %s, for the reason of the driver',
      async (options) => {
        await expect(use(at(options))).rejects.toThrow(/\(.*(does not support SSL|ssl not enabled).*\)/);
      },
    );

    it('is used in clear text where TLS is only preferred, with a warning', async () => {
      expect(await use(at('sslmode=prefer'))).toContainEqual([
        'database connection in clear text: the server does not offer TLS, and sslmode only prefers it',
        { database: expect.stringContaining(`at 127.0.0.1:${server.port}`) },
      ]);
    });

    it('is used where TLS is switched off', async () => {
      for (const options of ['ssl=false', 'sslmode=disable', 'ssl-mode=DISABLED']) {
        await expect(use(at(options))).resolves.toEqual([]);
      }
    });
  });
}
