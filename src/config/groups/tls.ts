import { pairFault } from '../../security/certificates.js';
import { certificateFile, keyFile, portOrNone } from '../parsers.js';
import { type Values, type Variable, variable } from '../variable.js';

export const TLS = {
  tlsCert: variable(
    'TLS_CERT',
    '',
    certificateFile,
    'certificate file (PEM, with its chain) of REST and WebSocket; they are then HTTPS and WSS only',
  ),
  tlsKey: variable('TLS_KEY', '', keyFile, 'its private key, without a passphrase'),
  binsPort: variable(
    'BINS_PORT',
    '',
    portOrNone,
    'port of BIN over TLS on `CLUSTERER_BIN_HOST`, usually 5556; 0 picks a free one, empty: no listener',
  ),
  binsCert: variable(
    'BINS_CERT',
    '',
    certificateFile,
    'certificate file (PEM, with its chain) of BIN over TLS; also the client certificate for machines with a `bins:` URL',
  ),
  binsKey: variable('BINS_KEY', '', keyFile, 'its private key, without a passphrase'),
  binsCa: variable(
    'BINS_CA',
    '',
    certificateFile,
    'certificate authorities (PEM) that the certificates of BIN clients over TLS and of `bins:` machines must be signed by; empty: no client certificate is required and no machine is verified',
  ),
} as const;

/** A certificate and its key come together. A file with a fault of its own is not reported twice. */
export function tlsFaults(values: Partial<Values<typeof TLS>>): string[] {
  const { binsPort, binsCert, binsKey } = values;
  const faults = [
    ...pairFaults(TLS.tlsCert, values.tlsCert, TLS.tlsKey, values.tlsKey),
    ...pairFaults(TLS.binsCert, binsCert, TLS.binsKey, binsKey),
  ];
  if (binsPort !== null && binsPort !== undefined && binsCert === '' && binsKey === '') {
    const pair = `${TLS.binsCert.name} and ${TLS.binsKey.name}`;
    faults.push(`${TLS.binsPort.name} needs ${pair}: a TLS listener needs a certificate`);
  }
  return faults;
}

type PathVariable = Variable<string>;

function pairFaults(
  { name: certName }: PathVariable,
  cert: string | undefined,
  { name: keyName }: PathVariable,
  key: string | undefined,
): string[] {
  if (cert === undefined || key === undefined || (cert === '' && key === '')) return [];
  if (cert === '') return [`${certName} must be set while ${keyName} is`];
  if (key === '') return [`${keyName} must be set while ${certName} is`];
  const fault = pairFault(cert, key, certName, keyName);
  return fault === null ? [] : [fault];
}
