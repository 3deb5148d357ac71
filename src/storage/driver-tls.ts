import { isIP } from 'node:net';
import { type ConnectionOptions, checkServerIdentity } from 'node:tls';
import type { DatabaseTls } from '../config/database-tls.js';

type Checked = Pick<ConnectionOptions, 'ca' | 'cert' | 'key' | 'checkServerIdentity' | 'servername'> & {
  readonly rejectUnauthorized?: boolean;
};

/** Returns the `ssl` option of both server drivers. MySQL's driver does not pass the host to Node, so the host of the URL is checked here. */
export function sslOf({ mode, ca, cert, key }: DatabaseTls, host: string): Checked | false {
  if (mode === 'disable') return false;
  const files = { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert, key: key ?? '' }) };
  const named = { ...files, ...(isIP(host) === 0 && { servername: host }) };
  switch (mode) {
    case 'prefer':
    case 'require':
      return { ...named, rejectUnauthorized: false };
    case 'verify-ca':
      return { ...named, checkServerIdentity: () => undefined };
    case 'verify-full':
      return { ...named, checkServerIdentity: (_name, certificate) => checkServerIdentity(host, certificate) };
  }
}
