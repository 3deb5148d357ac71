import { CallerCheck } from './dialogs/caller-check.js';
import { FormDialog } from './dialogs/form-dialog.js';
import { Gate } from './dialogs/gate.js';
import { StatusDialogs } from './dialogs/status-dialogs.js';
import { TableDialogs } from './dialogs/table-dialogs.js';
import { TagDialogs } from './dialogs/tag-dialogs.js';
import { byId } from './dom/element.js';
import { RedrawScheduler } from './dom/redraw-scheduler.js';
import { Toast } from './dom/toast.js';
import { useViews } from './dom/views.js';
import { Visible } from './dom/visible.js';
import { FleetPanel } from './fleet/fleet-panel.js';
import { Activity } from './panels/activity.js';
import { entryOf } from './panels/activity-entry.js';
import { ActivityPanel } from './panels/activity-panel.js';
import { showFirstRun } from './panels/first-run.js';
import { readHistory } from './panels/history.js';
import { LinkStatus } from './panels/link-status.js';
import { MachineList } from './panels/machine-list.js';
import { MachineSheet } from './panels/machine-sheet.js';
import { ModulesPanel } from './panels/modules-panel.js';
import { ReplicasPanel } from './panels/replicas-panel.js';
import { SheetReceptions } from './panels/sheet-receptions.js';
import { Api } from './state/api.js';
import { Connection } from './state/connection.js';
import { LiveCheck } from './state/live-check.js';
import type { Change } from './state/messages.js';
import { PacketRates } from './state/packet-rates.js';
import { PageAddress } from './state/page-address.js';
import { Poller } from './state/poller.js';
import { machineKey, Store } from './state/store.js';
import { token } from './state/token.js';
import { showUtc } from './words/times.js';

const store = new Store();
const address = new PageAddress(() => {
  list.addressChanged();
  sheet.openAddressed();
  applyZone();
});
const activity = new Activity();
const scheduler = new RedrawScheduler();
const visible = new Visible();
const toast = new Toast();
const api = new Api(token.get, () => lock('The service does not accept this token.'));
const gate = new Gate(() => void enter());
const link = new LinkStatus();
const dialog = new FormDialog((text) => toast.show(text));
const status = new StatusDialogs(api);
const table = new TableDialogs(api);
const tags = new TagDialogs(api);
const fleet: FleetPanel = new FleetPanel(api, store, scheduler, {
  open: (key) => sheet.open(key),
  move: (machine, tag) => dialog.ask(tags.move(machine, tag, store.machinesOf(machine.cluster_id))),
  read: () => scheduler.request(redrawPanels),
});
const rates = new PacketRates();
const receptions = new SheetReceptions(store, rates);
const sheet = new MachineSheet(store, activity, fleet.sheet, receptions, address, (act, machine) => {
  const actions = {
    'set-up': () => status.setUp(machine),
    'take-down': () => status.takeDown(machine),
    drain: () => status.drain(machine),
    change: () => table.change(machine),
    remove: () => table.remove(machine),
  };
  dialog.ask(actions[act]());
});
const list = new MachineList(store, scheduler, visible, address, (key) => sheet.open(key));
const modules = new ModulesPanel(store, rates, api);
const replicas = new ReplicasPanel(api);
const stream = new ActivityPanel(activity, scheduler, (key) => {
  if (store.machines.has(key)) sheet.open(key);
  else toast.show('This machine no longer exists.');
});
const redrawPanels = () => {
  modules.redraw();
  sheet.redraw();
};
const poller = new Poller(api, store, {
  machinesChanged(keys) {
    list.redraw(keys);
    if (keys.length > 0) fleet.machinesChanged();
  },
  modulesRead: (rows, at) => {
    rates.measured(rows, at);
    scheduler.request(redrawPanels);
    void replicas.read();
  },
});
const liveCheck = new LiveCheck(api);
const caller = new CallerCheck(
  api,
  ({ role, replica = null }) => {
    for (const id of ['reload', 'add', 'add-first']) byId(id, HTMLButtonElement).disabled = role !== 'operate';
    fleet.allow(role === 'operate');
    sheet.allow(role === 'operate');
    modules.allow(role !== 'read');
    replicas.connectedTo(replica);
  },
  () => void liveCheck.run(token.get()),
);
const connection = new Connection({
  connected(connected) {
    link.show(connected);
    caller.connected(connected);
    liveCheck.connected(connected);
    if (connected) {
      void status.readDurability();
      poller.start();
    } else {
      poller.stop();
      rates.interrupted();
    }
  },
  began(snapshot) {
    store.begin(snapshot, Date.now());
    list.redrawAll();
    fleet.begin();
    scheduler.request(redrawPanels);
    sheet.openAddressed();
    void loadHistory();
  },
  changed,
  ended: (reason) => lock(reason),
});

function changed(change: Change): void {
  const now = Date.now();
  store.apply(change, now);
  fleet.apply(change, now);
  const { params } = change;
  if ('machine' in params) list.redraw([machineKey(params.machine)]);
  if (change.method === 'reception' || change.method === 'link') list.redraw([machineKey(change.params)]);
  if (change.method === 'module_unregistered') list.redrawAll();
  scheduler.request(redrawPanels);
  const entry = entryOf(change, now);
  if (entry === null) return;
  activity.add(entry);
  stream.added(1);
}

/** Shows times in UTC if the page's address says so. */
function applyZone(): void {
  const utc = address.get('utc') === '1';
  showUtc(utc);
  byId('utc', HTMLButtonElement).setAttribute('aria-pressed', String(utc));
  stream.rewrite();
  list.redrawAll();
  scheduler.request(redrawPanels);
}

/** Adds the service's history to the activity, and takes since when machines are in their states from it. */
async function loadHistory(): Promise<void> {
  const past = await readHistory(api);
  if (past === null) return;
  const { entries, states } = past;
  activity.begin(entries);
  fleet.links.begin(past.links);
  stream.began();
  list.redraw(states.filter(({ key, state, since }) => store.applyHistory(key, state, since)).map(({ key }) => key));
}

/** Checks the token over REST first, because a refused WebSocket does not say that a token is missing. */
async function enter(): Promise<void> {
  await caller.check();
  if (gate.open) return;
  showFirstRun();
  caller.connected(false);
  await connection.open(token.get());
}

/** Closes everything until there is a token. */
function lock(fault: string): void {
  connection.close();
  caller.stop();
  poller.stop();
  dialog.close();
  sheet.close();
  gate.ask(token.get() === null ? '' : fault);
  token.forget();
}

byId('forget', HTMLButtonElement).addEventListener('click', () => {
  token.forget();
  location.reload();
});
byId('utc', HTMLButtonElement).addEventListener('click', () => {
  address.set('utc', address.get('utc') === '1' ? '' : '1');
  applyZone();
});
byId('reload', HTMLButtonElement).addEventListener('click', () => dialog.ask(table.reload()));
for (const id of ['add', 'add-first']) {
  byId(id, HTMLButtonElement).addEventListener('click', () => {
    dialog.ask(table.add(byId('cluster', HTMLSelectElement).value));
  });
}
applyZone();
useViews();
void enter();
