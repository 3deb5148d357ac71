import { randomUUID } from 'node:crypto';
import type { DatabaseKind, ScratchDatabase } from './store-databases.js';

export interface LimitedUser {
  /** As an operator writes it, with the password percent-encoded. */
  readonly url: string;
  /** Contains every character that has a meaning in a URL. */
  readonly password: string;
  /** Grants rights on the table `clusterer`, as `SELECT, UPDATE`. INSERT includes the sequence of its key. */
  grant(rights: string): Promise<void>;
  drop(): Promise<void>;
}

const PASSWORD = 'p@ss/w#rd%?:&+ü';

/** Creates a user without any right. Not for SQLite, which has no users. */
export async function createLimitedUser(database: DatabaseKind, scratch: ScratchDatabase): Promise<LimitedUser> {
  const name = `limited_${randomUUID().slice(0, 8)}`;
  const url = new URL(scratch.url);
  url.username = name;
  url.password = encodeURIComponent(PASSWORD);
  const run = async (statements: string[]) => {
    for (const sql of statements) await scratch.run(sql);
  };

  if (database.name === 'PostgreSQL') {
    await run([`CREATE ROLE ${name} LOGIN PASSWORD '${PASSWORD}'`]);
    return {
      url: url.href,
      password: PASSWORD,
      grant: (rights) => {
        const sequence = rights.includes('INSERT')
          ? [`GRANT USAGE ON SEQUENCE clusterer_clusterer_id_seq TO ${name}`]
          : [];
        return run([`GRANT ${rights} ON clusterer TO ${name}`, ...sequence]);
      },
      drop: () => run([`DROP OWNED BY ${name}`, `DROP ROLE ${name}`]),
    };
  }
  const schema = url.pathname.slice(1);
  await run([`CREATE USER ${name}@'%' IDENTIFIED BY '${PASSWORD}'`, `GRANT SELECT ON ${schema}.* TO ${name}@'%'`]);
  return {
    url: url.href,
    password: PASSWORD,
    grant: (rights) => run([`GRANT ${rights} ON ${schema}.clusterer TO ${name}@'%'`]),
    drop: () => run([`DROP USER ${name}@'%'`]),
  };
}
