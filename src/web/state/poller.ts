import { type Api, ApiError } from './api.js';
import type { Machine, Module } from './messages.js';
import type { Store } from './store.js';

const INTERVAL_MS = 3_000;

/** With the largest page that the service returns. */
const MACHINES = 'nodes?limit=10000';

interface PollingListener {
  machinesChanged(keys: readonly string[]): void;
  modulesRead(modules: readonly Module[], at: number): void;
}

/**
 * Reads tries and packet counts, for which there are no notifications, every few seconds while the page is visible. The service
 * returns 304 while the list of machines has not changed.
 */
export class Poller {
  private timer = 0;
  private running = false;

  constructor(
    private readonly api: Api,
    private readonly store: Store,
    private readonly listener: PollingListener,
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
      // The socket notices this too, and the page shows it.
      if (!(error instanceof ApiError)) throw error;
    }
    // A slow service is polled less often.
    const pause = Math.max(INTERVAL_MS, 10 * (Date.now() - begun));
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
