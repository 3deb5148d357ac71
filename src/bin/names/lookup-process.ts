import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Found } from './lookup-program.js';

const PROGRAM = join(__dirname, 'lookup-program.js');

/** Threads of that process. libuv uses half of them for look-ups: eight run at a time, the others wait. */
const THREADS = '16';

/**
 * Looks hosts up in a separate process. getaddrinfo blocks a thread until the name servers answer or it times out, which may
 * take minutes, and Node runs only two at a time. In this process the look-up of the database's host would wait for the machines'
 * names, and so would the exit. The process starts with the first look-up, and again after it has died.
 */
export class LookupProcess {
  private child: ChildProcess | null = null;
  private readonly waiting = new Map<string, (found: Found) => void>();

  /** @param program the compiled `lookup-program.ts` */
  constructor(private readonly program = PROGRAM) {}

  /** Never rejects. Only one call for each host at a time. */
  lookUp(host: string): Promise<Found> {
    return new Promise((resolve) => {
      this.child ??= this.start();
      // While a look-up waits, this process must not exit for lack of work.
      this.child.channel?.ref();
      this.waiting.set(host, resolve);
      // When this fails the process has died, and `exit` follows.
      this.child.send(host, () => {});
    });
  }

  /** Ends the process. Waiting look-ups find nothing. */
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
    // Whether these names exist is unknown: the code for a temporary failure.
    for (const host of [...this.waiting.keys()]) this.settle({ host, addresses: [], fault: 'EAI_AGAIN' });
  }

  private settle(found: Found): void {
    const resolve = this.waiting.get(found.host);
    this.waiting.delete(found.host);
    if (this.waiting.size === 0) this.child?.channel?.unref();
    resolve?.(found);
  }
}

/** The environment without our own variables, which contain secrets. */
function environment(): NodeJS.ProcessEnv {
  const others = Object.entries(process.env).filter(([name]) => !name.startsWith('CLUSTERER_'));
  return { ...Object.fromEntries(others), UV_THREADPOOL_SIZE: THREADS };
}
