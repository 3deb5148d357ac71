import { lookup } from 'node:dns/promises';

/** The result for one host: the addresses in the order of getaddrinfo, or the code of its error. */
export interface Found {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly fault: string | null;
}

/** The program that `lookup-process.ts` runs: gets one host in each message, and sends the result. */
process.on('message', (host: string) => {
  void find(host).then((found) => process.send?.(found));
});

// The service is gone. An ordinary exit would wait for getaddrinfo, which cannot be interrupted.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function find(host: string): Promise<Found> {
  try {
    const addresses = await lookup(host, { all: true, order: 'verbatim' });
    return { host, addresses: addresses.map(({ address }) => address), fault: null };
  } catch (error) {
    return { host, addresses: [], fault: (error as NodeJS.ErrnoException).code ?? 'EAI_FAIL' };
  }
}
