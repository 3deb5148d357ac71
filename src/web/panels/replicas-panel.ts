import type { ReplicaView } from '../../schemas/replicas.js';
import { byId, element, setText } from '../dom/element.js';
import { type Api, ApiError } from '../state/api.js';

/** The replicas that share a log: which one leads, and how far each is behind. Hidden for a single process. */
export class ReplicasPanel {
  private readonly panel = byId('replicas', HTMLElement);
  private readonly list = byId('replicas-list', HTMLElement);
  /** The replica that this page talks to; null: a single process. */
  private own: string | null = null;

  constructor(private readonly api: Api) {}

  /** A connection may lead to another replica than the one before. */
  connectedTo(replica: string | null): void {
    this.own = replica;
    this.panel.hidden = replica === null;
    void this.read();
  }

  async read(): Promise<void> {
    if (this.own === null) return;
    try {
      const { replicas } = await this.api.request<{ replicas: ReplicaView[] }>('GET', 'replicas');
      this.draw(replicas);
    } catch (error) {
      // The socket notices this too, and the page shows it.
      if (!(error instanceof ApiError)) throw error;
    }
  }

  private draw(replicas: readonly ReplicaView[]): void {
    setText(byId('replicas-count', HTMLElement), String(replicas.length));
    byId('replicas-none', HTMLElement).hidden = replicas.some(({ leader }) => leader);
    this.list.replaceChildren(...replicas.map((replica) => this.row(replica)));
  }

  private row({ name, leader, lag_ms, applied_seq }: ReplicaView): HTMLElement {
    const roles = [leader ? 'leads' : '', name === this.own ? 'serves this page' : ''].filter((role) => role !== '');
    const lag = element('span', { title: `position ${applied_seq} of the log` }, `${lag_ms} ms behind`);
    return element('li', {}, element('b', {}, name), element('span', {}, roles.join(', ')), lag);
  }
}
