import type { LinkState } from './connection.js';
import { part, setText } from './element.js';
import { lengthOf } from './times.js';

/** Says whether what is shown is live. */
export class LinkStatus {
  private readonly line = part('link', HTMLElement);
  private readonly countdown = part('link-retry', HTMLElement);
  private state: LinkState = { name: 'connecting' };
  private wasLive = false;

  constructor() {
    setInterval(() => this.tick(), 1000);
  }

  show(state: LinkState): void {
    this.state = state;
    if (state.name === 'live') this.wasLive = true;
    const name = state.name === 'connecting' && this.wasLive ? 'waiting' : state.name;
    document.body.dataset.link = name;
    setText(
      this.line,
      { connecting: 'Connecting', live: 'Live', waiting: this.wasLive ? 'Reconnecting' : 'Not reachable' }[name],
    );
    this.tick();
  }

  /** Apart from the line that is read out, which must not be every second. */
  private tick(): void {
    const { state } = this;
    const words =
      state.name === 'waiting' ? `in ${lengthOf((state.retryAt - Date.now()) / 1000)}; what is shown may be old` : '';
    setText(this.countdown, words);
  }
}
