import { parseDatabaseUrl } from '../config/database-url.js';
import type { Config } from '../config/variables.js';
import type { LoadReport } from '../service/views/load-report.js';
import { type Address, formatAddress } from '../wire/address.js';
import { VERSION } from './version.js';

export interface ListeningAddresses {
  readonly http: Address;
  readonly bin: Address;
  readonly bins: Address | null;
}

/** What the log line says with which a start ends. @param loaded null: the leader of the replicas loads the table */
export function listeningFields(
  config: Config,
  addresses: ListeningAddresses,
  loaded: LoadReport | null,
  replica: string | undefined,
): object {
  const table = loaded === null ? { replica } : loadFields(loaded);
  return { ...addressFields(config, addresses), ...table, ...configFields(config) };
}

function addressFields({ tlsCert }: Config, { http, bin, bins }: ListeningAddresses): object {
  return {
    http: `${tlsCert === '' ? 'http' : 'https'}://${formatAddress(http.ip, http.port)}`,
    bin: formatAddress(bin.ip, bin.port),
    ...(bins !== null && { bins: formatAddress(bins.ip, bins.port) }),
  };
}

function loadFields({ clusters, machines, skipped, repaired }: LoadReport): object {
  return { clusters, machines, skipped: skipped.length, repaired: repaired.length };
}

function configFields({ dbUrl, dbTable, serverId, persistent, commit }: Config): object {
  const database = parseDatabaseUrl(dbUrl).label;
  const built = { version: VERSION, ...(commit !== '' && { commit }) };
  return { database, table: dbTable, server_id: serverId, persistent, ...built };
}
