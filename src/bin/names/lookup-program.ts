import { lookup } from 'node:dns/promises';

/** What is told of one host: the addresses of getaddrinfo in its order, or the code of its error. */
export interface Found {
  readonly host: string;
  readonly addresses: readonly string[];
  readonly fault: string | null;
}

/** The program of `lookup-process.ts`: it is told hosts, one a message, and tells what each leads to. */
process.on('message', (host: string) => {
  void find(host).then((found) => process.send?.(found));
});

// The service is gone. An ordinary exit waits for getaddrinfo, which cannot be interrupted.
process.on('disconnect', () => process.kill(process.pid, 'SIGKILL'));

async function find(host: string): Promise<Found> {
  try {
    const addresses = await lookup(host, { all: true, order: 'verbatim' });
    return { host, addresses: addresses.map(({ address }) => address), fault: null };
  } catch (error) {
    return { host, addresses: [], fault: (error as NodeJS.ErrnoException).code ?? 'EAI_FAIL' };
  }
}
