import { resolve } from 'node:path';
import { parseDatabaseUrl } from '../../../src/config/database-url.js';
import { certificate, pem } from '../../fixtures/certificates.js';

const here = resolve('.');

it.each([
  ['file:./data/x.db', `file://${here}/data/x.db`],
  ['file:x.db', `file://${here}/x.db`],
  ['file:/var/lib/x.db', 'file:///var/lib/x.db'],
  ['file:///var/lib/x.db', 'file:///var/lib/x.db'],
  ['sqlite:///var/lib/x.db', 'file:///var/lib/x.db'],
  ['sqlite://data/x.db', `file://${here}/data/x.db`],
  ['FILE:/var/lib/x.db?mode=rw', 'file:///var/lib/x.db'],
  ['file:/var/lib/x.db?busy_timeout=500', 'file:///var/lib/x.db?busy_timeout=500'],
  ['file:/var/lib/a%20b.db', 'file:///var/lib/a%20b.db'],
])('%s is a SQLite file', (url, file) => {
  expect(parseDatabaseUrl(url)).toMatchObject({ provider: 'sqlite', url: file });
});

it.each([
  ['file:/var/lib/x.db', true],
  ['file:/var/lib/x.db?mode=rwc', true],
  ['file:/var/lib/x.db?mode=rw', false],
])('%s may create its file: %s', (url, create) => {
  expect(parseDatabaseUrl(url)).toMatchObject({ create });
});

const at = (host: string, port: number) => ({ host, port, isSocket: false });
const socket = (host: string, port: number) => ({ host, port, isSocket: true });

it.each([
  ['postgres://me:secret@db:5433/x', 'postgresql', 'PostgreSQL at db:5433', at('db', 5433)],
  ['postgresql://me:secret@db/x', 'postgresql', 'PostgreSQL at db:5432', at('db', 5432)],
  ['postgres:///x', 'postgresql', 'PostgreSQL at localhost:5432', at('localhost', 5432)],
  ['postgres:///x?host=db&port=5433', 'postgresql', 'PostgreSQL at db:5433', at('db', 5433)],
  ['postgres:///x?host=/run/pg', 'postgresql', 'PostgreSQL at the socket /run/pg', socket('/run/pg', 5432)],
  ['postgres://%2Frun%2Fpg/x', 'postgresql', 'PostgreSQL at the socket /run/pg', socket('/run/pg', 5432)],
  ['postgres://me@unix(/run/pg)/x', 'postgresql', 'PostgreSQL at the socket /run/pg', socket('/run/pg', 5432)],
  [
    'postgres://me:secret@unix(/run/pg/.s.PGSQL.5433)/x',
    'postgresql',
    'PostgreSQL at the socket /run/pg',
    socket('/run/pg', 5433),
  ],
  ['mysql://me:secret@db/x', 'mysql', 'MySQL at db:3306', at('db', 3306)],
  ['mariadb://me:p%40ss@[::1]:3307/x', 'mysql', 'MySQL at [::1]:3307', at('::1', 3307)],
  ['mysql://me:secret@unix(/run/my.sock)/x', 'mysql', 'MySQL at the socket /run/my.sock', socket('/run/my.sock', 3306)],
  ['MySQL://unix(/run/my.sock)/x', 'mysql', 'MySQL at the socket /run/my.sock', socket('/run/my.sock', 3306)],
  [
    'mysql://me@localhost/x?socket=/run/my.sock',
    'mysql',
    'MySQL at the socket /run/my.sock',
    socket('/run/my.sock', 3306),
  ],
])('%s is a server', (url, provider, label, address) => {
  expect(parseDatabaseUrl(url)).toMatchObject({ provider, label, ...address });
});

it('decodes user, password and database', () => {
  const login = { user: 'm@e', password: 'p@s:s/w#o?r%d', database: 'a b' };
  for (const host of ['db', 'unix(/run/my.sock)']) {
    const url = `mysql://m%40e:p%40s%3As%2Fw%23o%3Fr%25d@${host}/a%20b`;
    expect(parseDatabaseUrl(url)).toMatchObject({ login });
  }
});

it.each([
  [
    'postgres',
    '?application_name=a%20b%2Bc&connect_timeout=3',
    { application_name: 'a b+c', connectionTimeoutMillis: 3000 },
  ],
  ['postgres', '?options=-c%20work_mem=1MB+-c+x.y=1', { options: '-c work_mem=1MB -c x.y=1' }],
  [
    'mysql',
    '?initSql=SET%20a%20=%201&connect_timeout=3',
    { initSql: 'SET a = 1', connectTimeout: 3000, acquireTimeout: 3000 },
  ],
  ['mysql', '?compress=false&connectionLimit=3', { compress: false, connectionLimit: 3 }],
])('%s: hands %s to the driver unchanged', (scheme, search, options) => {
  expect(parseDatabaseUrl(`${scheme}://db/x${search}`)).toMatchObject({ options });
});

const CA = certificate('ca.crt');
const [CERT, KEY] = [certificate('machine.crt'), certificate('machine.key')];

describe.each(['postgres', 'mysql'])('TLS of a %s URL', (scheme) => {
  const parse = (options: string) => parseDatabaseUrl(`${scheme}://me:secret@db/x?${options}`);

  it.each([
    ['', null],
    ['sslmode=disable', 'disable'],
    ['ssl-mode=DISABLED', 'disable'],
    ['ssl=false', 'disable'],
    ['ssl=0', 'disable'],
    ['sslmode=allow', 'prefer'],
    ['sslmode=prefer', 'prefer'],
    ['ssl-mode=PREFERRED', 'prefer'],
    ['sslmode=require', 'require'],
    ['ssl-mode=REQUIRED', 'require'],
    ['SSL_MODE=Required', 'require'],
    ['sslMode=require', 'require'],
    ['ssl=true', 'require'],
    ['ssl=1', 'require'],
    ['ssl=true&sslmode=verify-full', 'verify-full'],
    ['sslmode=verify-full', 'verify-full'],
    ['ssl-mode=VERIFY_IDENTITY', 'verify-full'],
    ['sslrootcert=system', 'verify-full'],
    [`sslmode=verify-ca&sslrootcert=${CA}`, 'verify-ca'],
    [`ssl-mode=VERIFY_CA&ssl-ca=${CA}`, 'verify-ca'],
    [`sslmode=require&sslrootcert=${CA}`, 'verify-ca'],
    [`ssl_ca=${CA}`, 'verify-full'],
  ])('is understood: %s', (options, mode) => {
    expect(parse(options)).toMatchObject({ tls: mode === null ? null : { mode } });
  });

  it('holds what is in the files', () => {
    const tls = { mode: 'verify-full', ca: pem('ca.crt'), cert: pem('machine.crt'), key: pem('machine.key') };
    expect(parse(`sslrootcert=${CA}&sslcert=${CERT}&sslkey=${KEY}`)).toMatchObject({ tls });
    expect(parse(`ssl-ca=${CA}&ssl-cert=${CERT}&ssl-key=${KEY}`)).toMatchObject({ tls });
  });

  it.each([
    ['sslmode=secret', 'CLUSTERER_DB_URL: sslmode must be one of disable, prefer, require, verify-ca, verify-full'],
    ['ssl=', 'CLUSTERER_DB_URL: ssl must be one of '],
    ['ssl=true&sslmode=disable', 'CLUSTERER_DB_URL: sslmode, ssl-mode and ssl contradict each other.'],
    ['sslmode=verify-ca', 'CLUSTERER_DB_URL: sslmode=verify-ca needs sslrootcert (ssl-ca)'],
    ['sslmode=require&sslrootcert=system', 'CLUSTERER_DB_URL: sslrootcert=system needs sslmode=verify-full.'],
    [`sslmode=prefer&sslrootcert=${CA}`, 'CLUSTERER_DB_URL: sslrootcert has no effect without TLS'],
    [`sslrootcert=${CA}&ssl-ca=${CA}`, 'CLUSTERER_DB_URL: sslrootcert and ssl-ca are the same option.'],
    [`sslcert=${CERT}`, 'CLUSTERER_DB_URL: sslcert and sslkey must be given together.'],
    [
      `sslcert=${CERT}&sslkey=${certificate('service.key')}`,
      'CLUSTERER_DB_URL: sslkey is not the key of sslcert: name the two files that were made together.',
    ],
    ['sslrootcert=/secret/ca.pem', 'CLUSTERER_DB_URL: sslrootcert names a file that cannot be read (ENOENT)'],
    [`sslrootcert=${KEY}`, 'CLUSTERER_DB_URL: sslrootcert names a file without a PEM certificate'],
    ['sslaccept=strict', 'CLUSTERER_DB_URL has the option "sslaccept", which is unknown for '],
    ['useSSL=true', 'CLUSTERER_DB_URL has the option "useSSL", which is unknown for '],
  ])('is refused: %s', (options, message) => {
    expect(() => parse(options)).toThrow(message);
    expect(() => parse(options)).not.toThrow(/secret/);
  });

  it('is refused at a Unix socket', () => {
    const url = `${scheme}://me@unix(/run/socket)/x`;
    expect(() => parseDatabaseUrl(`${url}?ssl-mode=REQUIRED`)).toThrow('names a Unix socket, which has no TLS.');
    expect(parseDatabaseUrl(`${url}?ssl-mode=PREFERRED`)).toMatchObject({ tls: null });
  });
});

it.each([
  ['', 'CLUSTERER_DB_URL must begin with one of file:, sqlite:, postgres:, postgresql:, mysql:, mariadb:.'],
  ['oracle://me:secret@db/x', 'CLUSTERER_DB_URL must begin with one of '],
  ['file:', 'CLUSTERER_DB_URL must name a file'],
  ['file::memory:', 'CLUSTERER_DB_URL must name a file'],
  ['sqlite:///var/lib/', 'CLUSTERER_DB_URL must name a file'],
  ['file:x.db?busy_timeout=soon', 'CLUSTERER_DB_URL: busy_timeout must be a number of milliseconds.'],
  ['file:x.db?mode=ro', 'CLUSTERER_DB_URL: mode must be rwc'],
  ['file:x.db?sslmode=require', 'CLUSTERER_DB_URL has the option "sslmode", which is unknown for SQLite'],
  ['file:x#1.db', 'CLUSTERER_DB_URL contains a #: write it as %23.'],
  ['file:/100%.db', 'CLUSTERER_DB_URL contains a % without two hex digits after it'],
  ['mysql://me:secret@db', 'CLUSTERER_DB_URL must name the database at its end'],
  ['mysql://me:secret@db/x?schema=y', 'CLUSTERER_DB_URL has the option "schema", which is unknown for MySQL'],
  ['mysql://me:secret@db/x?socket=run/my.sock', 'CLUSTERER_DB_URL: socket must be an absolute path.'],
  ['mysql://me:secret@db/x?connectTimeout=secret', 'CLUSTERER_DB_URL: connectTimeout must be a whole number.'],
  ['mysql://me:secret@db/x?compress=secret', 'CLUSTERER_DB_URL: compress must be true or false.'],
  ['mysql://me:secret@db/x?max=1', 'CLUSTERER_DB_URL has the option "max", which is unknown for MySQL'],
  ['postgres://me:secret@db/x?max=1&max=2', 'CLUSTERER_DB_URL has the option "max" twice.'],
  ['postgres://me:secret@db/x?connectionLimit=1', 'CLUSTERER_DB_URL has the option "connectionLimit", which'],
  ['postgres://me:secret/1@db:99999/x', 'CLUSTERER_DB_URL is not a valid URL.'],
  ['postgres://me:secret%@db/x', 'CLUSTERER_DB_URL is not a valid URL.'],
])('%s is refused with the variable and without the password', (url, message) => {
  expect(() => parseDatabaseUrl(url)).toThrow(message);
  expect(() => parseDatabaseUrl(url)).not.toThrow(/secret/);
});

describe('a password whose special characters are not percent-encoded', () => {
  const passwords = [
    'q7q@z9z',
    'q7q/z9z',
    'q7q#z9z',
    'q7q?z9z',
    'q7q@z9z/x',
    '12/q7q@z9z',
    '12?q7q=z9z',
    '#q7q/z9z',
    '@/#z9z',
    'q7q%z9z',
    'q7q\nz9z',
  ];
  const hosts = ['127.0.0.1:1', 'unix(/run/socket)'];
  const urls = ['postgres', 'mysql', 'mariadb'].flatMap((scheme) =>
    passwords.flatMap((password) => hosts.map((host) => `${scheme}://me:${password}@${host}/x`)),
  );

  it.each([...urls, 'postgres:me:q7q@z9z@db/x'])('is explained and never repeated: %j', (url) => {
    expect(() => parseDatabaseUrl(url)).toThrow(/percent-encoded \(@ as %40, : as %3A, \/ as %2F/);
    expect(() => parseDatabaseUrl(url)).not.toThrow(/q7q|z9z/);
  });
});
