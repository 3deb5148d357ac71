import { byId, element, setText } from '../dom/element.js';
import type { Machine, State } from '../state/messages.js';
import type { PageAddress } from '../state/page-address.js';
import { searchOf } from '../state/search.js';
import type { Store } from '../state/store.js';

/** The filter of machines, by state, cluster and text, and their order. The page's address has both. The state buttons count all machines. */
export class Filter {
  private readonly text = byId('search', HTMLInputElement);
  private readonly cluster = byId('cluster', HTMLSelectElement);
  private readonly buttons = [...byId('states', HTMLElement).querySelectorAll('button')];
  private readonly sort = byId('sort', HTMLSelectElement);
  private state: State | 'drain' | '' = '';

  constructor(
    private readonly address: PageAddress,
    private readonly changed: () => void,
  ) {
    this.text.addEventListener('input', () => this.entered());
    this.cluster.addEventListener('change', () => this.entered());
    this.sort.addEventListener('change', () => this.entered());
    for (const button of this.buttons) {
      button.addEventListener('click', () => {
        this.choose(button.value);
        this.entered();
      });
    }
    this.read();
    byId('search-form', HTMLFormElement).addEventListener('submit', (event) => event.preventDefault());
  }

  get active(): boolean {
    return this.state !== '' || this.cluster.value !== '' || this.text.value.trim() !== '';
  }

  /** The name of the order. */
  get order(): string {
    return this.sort.value;
  }

  /** Takes filter and order from the page's address. */
  read(): void {
    const cluster = this.address.get('cluster');
    // Its cluster may not be known yet.
    if (/^\d+$/.test(cluster) && ![...this.cluster.options].some(({ value }) => value === cluster)) {
      this.cluster.append(element('option', { value: cluster }, `Cluster ${cluster}`));
    }
    this.cluster.value = cluster;
    this.text.value = this.address.get('search');
    this.sort.value = this.address.get('sort');
    if (this.sort.selectedIndex === -1) this.sort.value = '';
    this.choose(this.address.get('state'));
  }

  /** Returns a function that tells whether a machine matches. */
  matcher(): (machine: Machine) => boolean {
    const { state } = this;
    const clusterId = Number(this.cluster.value);
    const found = searchOf(this.text.value);
    return (machine) => {
      if (state === 'drain' ? machine.drain === undefined : state !== '' && machine.state !== state) return false;
      if (clusterId !== 0 && machine.cluster_id !== clusterId) return false;
      return found(machine);
    };
  }

  clear(): void {
    this.text.value = '';
    this.cluster.value = '';
    this.choose('');
    this.entered();
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
    // An empty list is one that has not come yet.
    if (clusterIds.length === 0) return;
    const { value } = this.cluster;
    const options = clusterIds.map((id) => element('option', { value: String(id) }, `Cluster ${id}`));
    this.cluster.replaceChildren(element('option', { value: '' }, 'All clusters'), ...options);
    this.cluster.value = clusterIds.includes(Number(value)) ? value : '';
  }

  private choose(state: string): void {
    const chosen = this.buttons.find(({ value }) => value === state) ?? this.buttons[0];
    this.state = (chosen?.value ?? '') as typeof this.state;
    for (const one of this.buttons) one.setAttribute('aria-pressed', String(one === chosen));
  }

  private entered(): void {
    this.address.set('state', this.state);
    this.address.set('cluster', this.cluster.value);
    this.address.set('search', this.text.value.trim());
    this.address.set('sort', this.sort.value);
    this.changed();
  }
}
