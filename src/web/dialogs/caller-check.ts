import type { CallerView } from '../../schemas/caller.js';
import { byId, setText } from '../dom/element.js';
import { type Api, ApiError } from '../state/api.js';
import { token } from '../state/token.js';

/** Poll interval while there is no connection: a failed connection does not show whether a token is missing. */
const POLL_MS = 3_000;

/** Shows the name and the role of the page's token. */
export class CallerCheck {
  private timer = 0;
  private away = false;

  /**
   * @param known called with the caller after each check
   * @param answered called when the service responds although there is no connection
   */
  constructor(
    private readonly api: Api,
    private readonly known: (caller: CallerView) => void,
    private readonly answered: () => void,
  ) {}

  /** Reads the caller. `api` reports a missing token. */
  async check(): Promise<void> {
    try {
      const caller = await this.api.request<CallerView>('GET', 'me');
      const { name, role } = caller;
      setText(byId('who', HTMLElement), name === null ? '' : `${name}, ${role}`);
      byId('forget', HTMLButtonElement).hidden = token.get() === null;
      this.known(caller);
      if (this.away) this.answered();
    } catch (error) {
      // The service is unreachable; the next check tries again.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  /** The connection was opened or lost; tokens may have changed since the last check. */
  connected(connected: boolean): void {
    this.stop();
    this.away = !connected;
    if (connected) void this.check();
    else this.timer = window.setInterval(() => void this.check(), POLL_MS);
  }

  stop(): void {
    this.away = false;
    clearInterval(this.timer);
  }
}
