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

const told = { at: 2_000, known: 'told', cause: 'operator', by: 'alice' } as const;

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

describe('since when a machine is in its state', () => {
  it('is before the page was opened, until something is told', () => {
    const store = began();
    expect(store.machines.get('1/2')?.since).toEqual({ at: 1_000, known: 'before', cause: null, by: null });
    setDown(store);
    expect(store.machines.get('1/2')?.since).toEqual(told);
  });

  it('is kept over a lost connection while the state is the same', () => {
    const store = began();
    setDown(store);
    store.begin({ nodes: [machine({ state: 'down' })], modules: [] }, 9_000);
    expect(store.machines.get('1/2')?.since).toEqual(told);
  });

  it('is at most as long as the connection was away when the state is another one', () => {
    const store = began();
    setDown(store);
    store.begin({ nodes: [machine()], modules: [] }, 9_000);
    expect(store.machines.get('1/2')?.since).toEqual({ at: 9_000, known: 'away', cause: null, by: null });
  });

  it('is learnt from the history, but neither over what was told nor for another state', () => {
    const store = began();
    expect(store.learn('1/2', 'down', told)).toBe(false);
    expect(store.learn('1/2', 'up', { ...told, at: 500 })).toBe(true);
    expect(store.learn('1/2', 'up', { ...told, at: 400 })).toBe(false);
    expect(store.machines.get('1/2')?.since.at).toBe(500);
  });

  it('does not begin anew with a change that is none of the state', () => {
    const store = began();
    setDown(store);
    store.apply(
      { method: 'machine_changed', params: { seq: 2, machine: machine({ state: 'down', description: 'two' }) } },
      5_000,
    );
    expect(store.machines.get('1/2')).toMatchObject({ since: told, machine: { description: 'two' } });
  });
});

describe('a list that was read', () => {
  it('brings tries and silence, with the instant its seconds count from', () => {
    const store = began();
    expect(store.refresh([machine({ no_tries: 2, last_attempt: 7 })], 3_000)).toEqual(['1/2']);
    expect(store.machines.get('1/2')).toMatchObject({ machine: { no_tries: 2, last_attempt: 7 }, toldAt: 3_000 });
    expect(store.refresh([machine({ no_tries: 2, last_attempt: 7 })], 4_000)).toEqual([]);
  });

  it('changes no state: it may be older than what was told', () => {
    const store = began();
    setDown(store);
    expect(store.refresh([machine({ no_tries: 2 }), machine({ machine_id: 9 })], 3_000)).toEqual([]);
    expect(store.machines.get('1/2')?.machine.state).toBe('down');
    expect(store.machines.has('1/9')).toBe(false);
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
