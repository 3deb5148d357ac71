import { Socket } from 'node:net';
import { Acknowledgements } from '../../../src/bin/out/acknowledgements.js';
import { connectionKey } from '../../../src/bin/out/socket-table.js';
import { recordingLog } from '../../integration/bin-peers.js';

const ENDS = { localAddress: '127.0.0.1', localPort: 40_000, remoteAddress: '127.0.0.2', remotePort: 5555 };

/** A connection that is checked every four seconds; `look` returns the number of retransmissions. */
function start() {
  const socket = Object.defineProperties(
    new Socket(),
    Object.fromEntries(Object.entries({ ...ENDS, bytesWritten: 26 }).map(([name, value]) => [name, { value }])),
  );
  const { log, lines } = recordingLog();
  let now = 0;
  let table: ReadonlyMap<string, number> | Error = new Map();
  const read = async () => {
    if (table instanceof Error) throw table;
    return table;
  };
  const acknowledgements = new Acknowledgements(log, read, () => now);
  let silent = 0;
  const stop = acknowledgements.watch(socket, () => silent++);
  const look = async (count: number | Error) => {
    table = count instanceof Error ? count : new Map([[connectionKey(ENDS) ?? '', count]]);
    await acknowledgements.check();
    now += 4_000;
    return silent;
  };
  return { look, stop, lines };
}

describe('a connection', () => {
  it('has vanished when nothing is acknowledged for twenty seconds', async () => {
    const { look, lines } = start();
    for (const count of [1, 4, 5, 5, 6]) expect(await look(count)).toBe(0);
    expect(await look(6)).toBe(1);
    expect(await look(7)).toBe(1);
    expect(lines.items).toMatchObject([{ level: 'warn', fields: { machine: '127.0.0.2:5555' } }]);
  });

  test.each([
    ['all is acknowledged in between', 0],
    ['something is acknowledged in between', 2],
  ])('has not vanished when %s', async (_, count) => {
    const { look } = start();
    for (const before of [1, 4, 5, count, 5, 5, 6, 6]) expect(await look(before)).toBe(0);
  });

  it('is not reported after its watch is stopped', async () => {
    const { look, stop } = start();
    await look(1);
    stop();
    for (let i = 0; i < 9; i++) expect(await look(7)).toBe(0);
  });

  it('is not watched where the system table cannot be read, which is logged once', async () => {
    const { look, lines } = start();
    for (let i = 0; i < 3; i++) expect(await look(new Error('EACCES'))).toBe(0);
    expect(lines.items).toMatchObject([{ level: 'warn', fields: { reason: 'EACCES' } }]);
  });
});

test.each([
  ['127.0.0.1', 8080, '0100007F:1F90'],
  ['::1', 5555, '00000000000000000000000001000000:15B3'],
  ['2001:db8::c0:ffee', 1, 'B80D01200000000000000000EEFFC000:0001'],
  ['fe80::1%eth0', 1, '000080FE000000000000000001000000:0001'],
])('address %s, port %d, is %s in the table of a little-endian computer', (address, port, text) => {
  const ends = { localAddress: address, localPort: port, remoteAddress: address, remotePort: port };
  expect(connectionKey(ends)).toBe(`${text} ${text}`);
});
