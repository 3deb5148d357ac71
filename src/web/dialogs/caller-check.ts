import { part, setText } from '../dom/element.js';
import { type Api, Refused } from '../state/api.js';
import { token } from '../state/token.js';

/** How often it is asked while there is no connection, which does not say whether a token is missing. */
const AWAY_MS = 3_000;

/** Knows who uses the page, and shows it. */
export class CallerCheck {
  private timer = 0;
  private away = false;

  /**
   * @param known tells the role, each time it was asked
   * @param answered the service has answered, though there is no connection
   */
  constructor(
    private readonly api: Api,
    private readonly known: (role: string) => void,
    private readonly answered: () => void,
  ) {}

  /** Asks; where a token is missing, `api` hears of it. */
  async ask(): Promise<void> {
    try {
      const { name, role } = await this.api.request<{ name: string | null; role: string }>('GET', 'me');
      setText(part('who', HTMLElement), name === null ? '' : `${name}, ${role}`);
      part('forget', HTMLButtonElement).hidden = token.get() === null;
      this.known(role);
      if (this.away) this.answered();
    } catch (error) {
      // While the service is away nobody can be told.
      if (!(error instanceof Refused)) throw error;
    }
  }

  /** There is a connection, or no longer: tokens may have changed meanwhile. */
  connected(connected: boolean): void {
    this.stop();
    this.away = !connected;
    if (connected) void this.ask();
    else this.timer = window.setInterval(() => void this.ask(), AWAY_MS);
  }

  stop(): void {
    this.away = false;
    clearInterval(this.timer);
  }
}
