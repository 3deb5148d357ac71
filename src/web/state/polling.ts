import { type Api, Refused } from './api.js';
import type { Machine, Module } from './messages.js';
import type { Store } from './store.js';

const EVERY_MS = 3_000;

/** A page of the list that is as large as may be. */
const MACHINES = 'nodes?limit=10000';

interface Listener {
  machinesChanged(keys: readonly string[]): void;
  modulesRead(modules: readonly Module[], at: number): void;
}

/**
 * Reads what nobody is notified of, tries and packet counts, every few seconds while somebody looks. The list of machines is
 * answered with 304 while nothing of it has changed.
 */
export class Polling {
  private timer = 0;
  private running = false;

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly listener: Listener,
  ) {
    document.addEventListener('visibilitychange', () => {
      if (this.running && !document.hidden) this.start();
    });
  }

  start(): void {
    this.stop();
    this.running = true;
    void this.poll();
  }

  stop(): void {
    this.running = false;
    clearTimeout(this.timer);
  }

  private async poll(): Promise<void> {
    const begun = Date.now();
    try {
      const { modules } = await this.api.request<{ modules: Module[] }>('GET', 'modules');
      const at = Date.now();
      for (const module of modules)
        if (this.store.modules.has(module.number)) this.store.modules.set(module.number, module);
      this.listener.modulesRead(
        modules.filter(({ number }) => this.store.modules.has(number)),
        at,
      );
      await this.readMachines();
    } catch (error) {
      // The socket notices as well, and says so.
      if (!(error instanceof Refused)) throw error;
    }
    // A slow service is asked less often.
    const pause = Math.max(EVERY_MS, 10 * (Date.now() - begun));
    clearTimeout(this.timer);
    if (this.running && !document.hidden) this.timer = window.setTimeout(() => void this.poll(), pause);
  }

  private async readMachines(): Promise<void> {
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = cursor === '' ? MACHINES : `${MACHINES}&cursor=${encodeURIComponent(cursor)}`;
      const page: { nodes: Machine[]; next_cursor: string | null } = await this.api.request('GET', path);
      this.listener.machinesChanged(this.store.refresh(page.nodes, Date.now()));
      cursor = page.next_cursor;
    }
  }
}
