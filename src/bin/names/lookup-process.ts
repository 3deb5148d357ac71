import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Found } from './lookup-program.js';

const PROGRAM = join(__dirname, 'lookup-program.js');

/** Threads of that process. libuv gives look-ups half of them: so many run at once, the others wait in it. */
const THREADS = '16';

/**
 * Looks hosts up in a process of its own. getaddrinfo blocks a thread until the name servers have answered or time is up, which may
 * take minutes, and Node lets two of them run at once: in this process the database's host would wait for the machines' names, and so
 * would the end of the process. Starts with the first look-up, and again when it has died.
 */
export class LookupProcess {
  private child: ChildProcess | null = null;
  private readonly waiting = new Map<string, (found: Found) => void>();

  /** @param program the compiled `lookup-program.ts` */
  constructor(private readonly program = PROGRAM) {}

  /** Never rejects. One call a host at a time. */
  lookUp(host: string): Promise<Found> {
    return new Promise((resolve) => {
      this.child ??= this.start();
      // While somebody waits, the process must not end for want of work.
      this.child.channel?.ref();
      this.waiting.set(host, resolve);
      // A process that cannot be told anything has died, and `exit` says so.
      this.child.send(host, () => {});
    });
  }

  /** Ends the process; who waits is told that nothing was found. */
  close(): void {
    this.child?.kill('SIGKILL');
  }

  private start(): ChildProcess {
    const child = fork(this.program, {
      env: environment(),
      execArgv: [],
      stdio: ['ignore', 'ignore', 'ignore', 'ipc'],
    });
    child.unref();
    child.on('message', (found: Found) => this.settle(found));
    child.once('error', () => this.ended(child));
    child.once('exit', () => this.ended(child));
    return child;
  }

  private ended(child: ChildProcess): void {
    if (this.child !== child) return;
    this.child = null;
    // It is not known whether these names exist.
    for (const host of [...this.waiting.keys()]) this.settle({ host, addresses: [], fault: 'EAI_AGAIN' });
  }

  private settle(found: Found): void {
    const resolve = this.waiting.get(found.host);
    this.waiting.delete(found.host);
    if (this.waiting.size === 0) this.child?.channel?.unref();
    resolve?.(found);
  }
}

/** What the resolver may heed, and nothing that is ours: the configuration holds secrets. */
function environment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('CLUSTERER_'));
  return { ...Object.fromEntries(others), UV_THREADPOOL_SIZE: THREADS };
}
