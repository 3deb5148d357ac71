import { byId, element, setText } from '../dom/element.js';
import type { Machine, State } from '../state/messages.js';
import type { Store } from '../state/store.js';

/** The filter of machines: by state, cluster and text. The state buttons count all machines. */
export class Filter {
  private readonly text = byId('search', HTMLInputElement);
  private readonly cluster = byId('cluster', HTMLSelectElement);
  private readonly buttons = [...byId('states', HTMLElement).querySelectorAll('button')];
  private state: State | 'drain' | '' = '';

  constructor(private readonly changed: () => void) {
    this.text.addEventListener('input', () => this.changed());
    this.cluster.addEventListener('change', () => this.changed());
    for (const button of this.buttons) button.addEventListener('click', () => this.choose(button));
    byId('search-form', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
  }

  get active(): boolean {
    return this.state !== '' || this.cluster.value !== '' || this.text.value.trim() !== '';
  }

  /** Returns a function that tells whether a machine matches. */
  matcher(): (machine: Machine) => boolean {
    const { state } = this;
    const clusterId = Number(this.cluster.value);
    const words = this.text.value
      .toLowerCase()
      .split(/\s+/)
      .filter((word) => word !== '');
    return (machine) => {
      if (state === 'drain' ? machine.drain === undefined : state !== '' && machine.state !== state) return false;
      if (clusterId !== 0 && machine.cluster_id !== clusterId) return false;
      if (words.length === 0) return true;
      const { machine_id, description, url, address, drain, disabled_for } = machine;
      const all = `machine ${machine_id} ${description ?? ''} ${url} ${address ?? ''} ${drain?.reason ?? ''} ${disabled_for.join(' ')}`;
      const lower = all.toLowerCase();
      return words.every((word) => lower.includes(word));
    };
  }

  clear(): void {
    this.text.value = '';
    this.cluster.value = '';
    const all = this.buttons[0];
    if (all !== undefined) this.choose(all);
  }

  /** Updates the counts and the list of clusters. */
  count(store: Store, clusterIds: readonly number[]): void {
    const counts: Record<string, number> = { '': store.machines.size, up: 0, temp_disabled: 0, down: 0, drain: 0 };
    for (const { machine } of store.machines.values()) {
      counts[machine.state] = (counts[machine.state] ?? 0) + 1;
      if (machine.drain !== undefined) counts.drain = (counts.drain ?? 0) + 1;
    }
    for (const button of this.buttons) {
      const count = button.querySelector('b');
      if (count !== null) setText(count, String(counts[button.value] ?? 0));
    }
    this.offer(clusterIds);
  }

  private offer(clusterIds: readonly number[]): void {
    const offered = [...this.cluster.options].slice(1).map(({ value }) => value);
    if (String(offered) === String(clusterIds)) return;
    const { value } = this.cluster;
    const options = clusterIds.map((id) => element('option', { value: String(id) }, `Cluster ${id}`));
    this.cluster.replaceChildren(element('option', { value: '' }, 'All clusters'), ...options);
    this.cluster.value = clusterIds.includes(Number(value)) ? value : '';
  }

  private choose(button: HTMLButtonElement): void {
    this.state = button.value as typeof this.state;
    for (const one of this.buttons) one.setAttribute('aria-pressed', String(one === button));
    this.changed();
  }
}
