import type { ConfiguredDialects } from '../domain/cluster-dialect.js';
import { isWildcard } from '../wire/address.js';
import { DIALECTS, type DialectId } from '../wire/dialects/dialect-id.js';
import { parseMachineUrl } from '../wire/machine-url.js';
import { LARGEST_INT, listed } from './parsers.js';

// The variables of fleets of OpenSIPS 2.4 to 4.0. Each function throws an Error that says what the value must be.

const AUTO = 'auto';
const NAMES = [AUTO, ...DIALECTS] as const;
const DIALECT_FORM = `must be ${NAMES.join(', ')}, or a list with exceptions by cluster, such as 2.4,7:2.2`;

/** `auto`, a dialect, or a list of one default and exceptions `cluster:dialect`. A list without a default means `auto`. */
export function dialects(value: string): ConfiguredDialects {
  const exceptions = new Map<number, DialectId>();
  let fallback: DialectId | typeof AUTO | undefined;
  for (const entry of listed(value)) {
    const [, cluster, name] = /^(?:(\d+):)?([^:]+)$/.exec(entry) ?? [];
    const known = NAMES.find((one) => one === name);
    if (known === undefined) throw new Error(`${DIALECT_FORM}; ${JSON.stringify(entry)} is not one`);
    if (cluster === undefined) {
      if (fallback !== undefined) throw new Error(`${DIALECT_FORM}; it has two defaults, ${fallback} and ${known}`);
      fallback = known;
      continue;
    }
    const clusterId = idOf(cluster, entry, DIALECT_FORM);
    if (known === AUTO) throw new Error(`${DIALECT_FORM}; ${AUTO} cannot be an exception`);
    if (exceptions.has(clusterId)) throw new Error(`${DIALECT_FORM}; cluster ${clusterId} has two dialects`);
    exceptions.set(clusterId, known);
  }
  return { fallback: fallback === undefined || fallback === AUTO ? null : fallback, exceptions };
}

/** A machine through which this service joins a cluster without a row. */
export interface Neighbour {
  readonly clusterId: number;
  readonly url: string;
}

const JOIN_FORM =
  'must be urls of machines by cluster, comma-separated, such as 1=bin:10.0.0.1:5566,1=bin:10.0.0.2:5566';

/** A list of `cluster=url`. */
export function neighbours(value: string): readonly Neighbour[] {
  const found = new Map<string, Neighbour>();
  for (const entry of listed(value)) {
    const [, cluster, url] = /^(\d+)=(.+)$/.exec(entry) ?? [];
    if (cluster === undefined || url === undefined) {
      throw new Error(`${JOIN_FORM}; ${JSON.stringify(entry)} is not one`);
    }
    const clusterId = idOf(cluster, entry, JOIN_FORM);
    const fault = urlFault(url);
    if (fault !== null) throw new Error(`${JOIN_FORM}; the url of ${JSON.stringify(entry)} ${fault}`);
    found.set(`${clusterId}=${url}`, { clusterId, url });
  }
  return [...found.values()];
}

/** The url at which the other machines reach this service; empty: none. */
export function advertisedUrl(value: string): string {
  const fault = value === '' ? null : urlFault(value);
  if (fault !== null) throw new Error(`must be the url of this service, such as bin:10.0.0.9:5566: it ${fault}`);
  return value;
}

function urlFault(url: string): string | null {
  const parsed = parseMachineUrl(url);
  if ('fault' in parsed) return parsed.fault;
  if (!parsed.protocol.startsWith('bin')) return 'must start with bin: or bins:';
  return isWildcard(parsed.host) ? 'must have an address that other machines can connect to' : null;
}

function idOf(text: string, entry: string, form: string): number {
  const id = Number(text);
  if (id >= 1 && id <= LARGEST_INT) return id;
  throw new Error(`${form}; the cluster of ${JSON.stringify(entry)} must be 1 to ${LARGEST_INT}`);
}
