import { element, setText } from '../dom/element.js';
import type { Api } from '../state/api.js';
import type { Module } from '../state/messages.js';
import { type NameCount, PacketCounts } from '../state/packet-counts.js';
import { type FeedPacket, PacketFeed } from '../state/packet-feed.js';
import { token } from '../state/token.js';
import { timeOf } from '../words/times.js';

/** The list is written at most this often. */
const REDRAW_MS = 250;

/** Lines of the list. */
const LINES = 50;

/**
 * The latest packets of a module, decoded; with a role that may not see fields their names, and how many there are of each. They are read only
 * while the list is open.
 */
export class PacketsPanel {
  readonly element = element('details', { class: 'packets' });
  private readonly pause = element('button', { type: 'button', class: 'small', 'aria-pressed': 'false' }, 'Pause');
  private readonly filter = element('input', { type: 'search', 'aria-label': 'Filter packets', placeholder: 'Filter' });
  private readonly acts = element('div', { class: 'acts' }, this.pause, this.filter);
  private readonly note = element('p', { class: 'quiet', role: 'status' });
  /** It scrolls, so it takes the focus of the keyboard. */
  private readonly list = element('ol', { tabindex: '0', 'aria-label': 'Latest packets' });
  private feed: PacketFeed | null = null;
  private counts: PacketCounts | null = null;
  private timer = 0;
  private paused: readonly FeedPacket[] | null = null;

  constructor(
    private readonly module: Module,
    private readonly api: Api,
    private readonly mayRead: () => boolean,
  ) {
    this.element.append(element('summary', {}, 'Packets'), this.acts, this.note, this.list);
    this.element.addEventListener('toggle', () => {
      if (this.element.open) this.open();
      else this.close();
    });
    this.filter.addEventListener('input', () => this.redraw());
    this.pause.addEventListener('click', () => {
      this.paused = this.paused === null ? [...(this.feed?.packets ?? [])] : null;
      this.pause.setAttribute('aria-pressed', String(this.paused !== null));
      this.redraw();
    });
  }

  /** The number of the registration through which the page reads; null while it does not. */
  get number(): number | null {
    return this.feed?.number ?? null;
  }

  /** Stops reading, and ends the registration. */
  close(): void {
    this.feed?.close();
    this.feed = null;
    this.counts?.close();
    this.counts = null;
    clearTimeout(this.timer);
    this.timer = 0;
  }

  private open(): void {
    this.close();
    const mayRead = this.mayRead();
    this.acts.hidden = !mayRead;
    if (mayRead) this.openFeed();
    else this.openCounts();
  }

  private openCounts(): void {
    const words = 'Fields contain personal data; they require the role module.';
    const changed = (counts: readonly NameCount[]) => {
      this.list.replaceChildren(...counts.map(countLine));
      setText(this.note, counts.length === 0 ? `Waiting for packets. ${words}` : words);
    };
    this.counts = new PacketCounts(this.api, this.module.number, changed, (detail) => setText(this.note, detail));
  }

  private openFeed(): void {
    const feed = new PacketFeed(() => {
      if (this.timer === 0) this.timer = window.setTimeout(() => this.redraw(), REDRAW_MS);
    });
    this.feed = feed;
    const { module, cluster_id, protocol } = this.module;
    feed.open(token.get(), module, cluster_id, protocol).catch((error: Error) => {
      feed.close();
      setText(this.note, error.message);
    });
    this.redraw();
  }

  private redraw(): void {
    this.timer = 0;
    const packets = this.paused ?? this.feed?.packets ?? [];
    const words = this.filter.value.toLowerCase();
    const found = packets.filter(({ machineId, name, fields }) =>
      `machine ${machineId} ${name} ${fields}`.toLowerCase().includes(words),
    );
    const now = Date.now();
    const lines = found.slice(-LINES).map(({ at, machineId, name, fields }) => {
      const what = element('b', {}, name);
      return element('li', {}, `${timeOf(at, now)} machine ${machineId} `, what, ' ', element('code', {}, fields));
    });
    this.list.replaceChildren(...lines.reverse());
    setText(this.note, packets.length === 0 ? 'Waiting for packets.' : `${found.length} of the last ${packets.length}`);
  }
}

function countLine({ name, packets }: NameCount): HTMLElement {
  return element('li', {}, element('b', {}, name), ` ${packets.toLocaleString()} of the newest packets`);
}
