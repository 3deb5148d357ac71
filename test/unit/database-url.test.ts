import { resolve } from 'node:path';
import { parseDatabaseUrl } from '../../src/database-url.js';

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
  ['postgres://me:secret@db:5433/x', 'postgresql', 'PostgreSQL at db:5433'],
  ['postgresql://me:secret@db/x', 'postgresql', 'PostgreSQL at db:5432'],
  ['postgres:///x', 'postgresql', 'PostgreSQL at localhost:5432'],
  ['mysql://me:secret@db/x', 'mysql', 'MySQL at db:3306'],
  ['mariadb://me:p%40ss@[::1]:3307/x', 'mysql', 'MySQL at [::1]:3307'],
])('%s is a server', (url, provider, place) => {
  expect(parseDatabaseUrl(url)).toEqual({ provider, place, url });
});

it.each([
  ['', 'CLUSTERER_DB_URL must begin with one of file:, sqlite:, postgres:, postgresql:, mysql:, mariadb:.'],
  ['oracle://me:secret@db/x', 'CLUSTERER_DB_URL must begin with one of '],
  ['file:', 'CLUSTERER_DB_URL must name a file'],
  ['file::memory:', 'CLUSTERER_DB_URL must name a file'],
  ['sqlite:///var/lib/', 'CLUSTERER_DB_URL must name a file'],
  ['file:x.db?busy_timeout=soon', 'CLUSTERER_DB_URL must have milliseconds as its busy_timeout.'],
  ['file:/100%.db', 'CLUSTERER_DB_URL holds a % that begins no two hex digits'],
  ['mysql://me:secret@db', 'CLUSTERER_DB_URL must name the database at its end'],
  ['postgres://me:secret/1@db:99999/x', 'CLUSTERER_DB_URL is no valid URL.'],
  ['postgres://me:secret%@db/x', 'CLUSTERER_DB_URL is no valid URL.'],
])('%s is refused with the variable and without the password', (url, message) => {
  expect(() => parseDatabaseUrl(url)).toThrow(message);
  expect(() => parseDatabaseUrl(url)).not.toThrow(/secret/);
});
