import type { MachineView } from '../../../src/schemas/machine.js';
import type { ModuleView } from '../../../src/schemas/packet.js';
import { Store } from '../../../src/web/state/store.js';

function machine(given: Partial<MachineView> = {}): MachineView {
  return {
    clusterer_id: 1,
    cluster_id: 1,
    machine_id: 2,
    protocol: 'bin',
    url: 'bin:127.0.0.2:5555',
    address: '127.0.0.2:5555',
    state: 'up',
    description: null,
    no_tries: 0,
    failed_attempts: 3,
    duration: 30,
    last_attempt: 0,
    seconds_until_enabling: 0,
    disabled_for: [],
    ...given,
  };
}

function module(number: number, name: string, reception: 'receiving' | 'disabled'): ModuleView {
  const watch = { machine_id: 2, reception, silent_for: 0, seconds_until_enabling: 0, packets: 0 };
  const counts = { packets: 0, dropped: 0, unknown_source: 0 };
  const params = { module: name, protocol: 'bin', cluster_id: 1, timeout: 1, auth_check: false };
  return { number, ...params, connected: true, since: 0, ...counts, machines: [watch] };
}

function began(nodes: MachineView[] = [machine()], modules: ModuleView[] = []): Store {
  const store = new Store();
  store.begin({ nodes, modules }, 1_000);
  return store;
}

const observed = { at: 2_000, known: 'observed', cause: 'operator', by: 'alice' } as const;

function setDown(store: Store): void {
  const change = {
    seq: 1,
    machine: machine({ state: 'down' }),
    from: 'up',
    to: 'down',
    cause: 'operator',
    by: 'alice',
  } as const;
  store.apply({ method: 'node_state', params: change }, 2_000);
}

describe('the time since when a machine is in its state', () => {
  it('is before the page was opened, until a change is received', () => {
    const store = began();
    expect(store.machines.get('1/2')?.since).toEqual({ at: 1_000, known: 'before', cause: null, by: null });
    setDown(store);
    expect(store.machines.get('1/2')?.since).toEqual(observed);
  });

  it('is kept over a lost connection while the state is the same', () => {
    const store = began();
    setDown(store);
    store.begin({ nodes: [machine({ state: 'down' })], modules: [] }, 9_000);
    expect(store.machines.get('1/2')?.since).toEqual(observed);
  });

  it('is during the lost connection when the state has changed', () => {
    const store = began();
    setDown(store);
    store.begin({ nodes: [machine()], modules: [] }, 9_000);
    expect(store.machines.get('1/2')?.since).toEqual({ at: 9_000, known: 'away', cause: null, by: null });
  });

  it('is taken from the history, unless a change was received or the state differs', () => {
    const store = began();
    expect(store.applyHistory('1/2', 'down', observed)).toBe(false);
    expect(store.applyHistory('1/2', 'up', { ...observed, at: 500 })).toBe(true);
    expect(store.applyHistory('1/2', 'up', { ...observed, at: 400 })).toBe(false);
    expect(store.machines.get('1/2')?.since.at).toBe(500);
  });

  it('does not change when other fields change', () => {
    const store = began();
    setDown(store);
    store.apply(
      { method: 'machine_changed', params: { seq: 2, machine: machine({ state: 'down', description: 'two' }) } },
      5_000,
    );
    expect(store.machines.get('1/2')).toMatchObject({ since: observed, machine: { description: 'two' } });
  });
});

describe('a list of machines', () => {
  it('updates tries and silence, and the time that seconds count from', () => {
    const store = began();
    expect(store.refresh([machine({ no_tries: 2, last_attempt: 7 })], 3_000)).toEqual(['1/2']);
    expect(store.machines.get('1/2')).toMatchObject({ machine: { no_tries: 2, last_attempt: 7 }, updatedAt: 3_000 });
    expect(store.refresh([machine({ no_tries: 2, last_attempt: 7 })], 4_000)).toEqual([]);
  });

  it('changes no state, because it may be older than a received change', () => {
    const store = began();
    setDown(store);
    expect(store.refresh([machine({ no_tries: 2 }), machine({ machine_id: 9 })], 3_000)).toEqual([]);
    expect(store.machines.get('1/2')?.machine.state).toBe('down');
    expect(store.machines.has('1/9')).toBe(false);
  });
});

describe('a machine of a fleet', () => {
  const told: Partial<MachineView> = { dialect: '2.4', link: 'up', next_hop: 2, releases: null, capabilities: [] };

  it('has its link from a change, and the rest from a list', () => {
    const store = began([machine(told)]);
    const link = { seq: 2, cluster_id: 1, machine_id: 2, from: 'up', to: 'probing' } as const;
    store.apply({ method: 'link', params: link }, 2_000);
    expect(store.machines.get('1/2')?.machine).toMatchObject({ link: 'probing', next_hop: 2 });
    const capabilities = [{ name: 'dialog-dlg-repl', state: 'synced' } as const];
    const listed = machine({ ...told, link: 'probing', next_hop: 3, releases: '3.3-4.0', capabilities });
    expect(store.refresh([listed], 3_000)).toEqual(['1/2']);
    expect(store.machines.get('1/2')?.machine).toEqual(listed);
    expect(store.refresh([listed], 4_000)).toEqual([]);
  });

  it('has the newest state of each capability', () => {
    const dialog = { name: 'dialog-dlg-repl', state: 'not_synced' } as const;
    const store = began([machine({ ...told, capabilities: [dialog] })]);
    const change = { seq: 2, cluster_id: 1, machine_id: 2, to: 'synced' } as const;
    store.apply({ method: 'capability', params: { ...change, name: 'dialog-dlg-repl', from: 'not_synced' } }, 2_000);
    store.apply({ method: 'capability', params: { ...change, name: 'cachedb-local-repl', from: null } }, 2_000);
    expect(store.machines.get('1/2')?.machine.capabilities).toEqual([
      { name: 'cachedb-local-repl', state: 'synced' },
      { name: 'dialog-dlg-repl', state: 'synced' },
    ]);
  });

  it('is asked again at the time that the newest list says', () => {
    const disabled: Partial<MachineView> = { ...told, state: 'temp_disabled', link: 'down', next_hop: null };
    const store = began([machine({ ...disabled, seconds_until_enabling: 1 })]);
    expect(store.refresh([machine({ ...disabled, seconds_until_enabling: 60 })], 3_000)).toEqual(['1/2']);
    expect(store.machines.get('1/2')).toMatchObject({ machine: { seconds_until_enabling: 60 }, updatedAt: 3_000 });
  });

  it('that is not known is not added by its link', () => {
    const store = began([]);
    const link = { seq: 2, cluster_id: 1, machine_id: 2, from: 'down', to: 'up' } as const;
    store.apply({ method: 'link', params: link }, 2_000);
    expect(store.machines.size).toBe(0);
  });
});

describe('silence', () => {
  const reception = { seq: 1, module: 'ul', cluster_id: 1, machine_id: 2, from: 'receiving', to: 'disabled' } as const;

  it('names each module for which the machine is silent, once', () => {
    const store = began(
      [machine()],
      [module(1, 'ul', 'receiving'), module(2, 'dialog', 'disabled'), module(3, 'ul', 'receiving')],
    );
    for (const number of [1, 3]) store.apply({ method: 'reception', params: { ...reception, number } }, 2_000);
    expect(store.machines.get('1/2')?.machine.disabled_for).toEqual(['dialog', 'ul']);
  });

  it('ends with the registration', () => {
    const store = began([machine({ disabled_for: ['ul'] })], [module(1, 'ul', 'disabled')]);
    store.apply({ method: 'module_unregistered', params: { seq: 1, ...module(1, 'ul', 'disabled') } }, 2_000);
    expect(store.machines.get('1/2')?.machine.disabled_for).toEqual([]);
    expect(store.modules.size).toBe(0);
  });
});
