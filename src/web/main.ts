import { CallerCheck } from './dialogs/caller-check.js';
import { FormDialog } from './dialogs/form-dialog.js';
import { Gate } from './dialogs/gate.js';
import { StatusQuestions } from './dialogs/status-dialogs.js';
import { TableQuestions } from './dialogs/table-dialogs.js';
import { part } from './dom/element.js';
import { Frames } from './dom/frames.js';
import { Said } from './dom/toast.js';
import { useViews } from './dom/views.js';
import { Visible } from './dom/visible.js';
import { Happened } from './panels/activity.js';
import { entryOf } from './panels/activity-entry.js';
import { HappenedPanel } from './panels/activity-panel.js';
import { readHistory } from './panels/history.js';
import { LinkStatus } from './panels/link-status.js';
import { MachineList } from './panels/machine-list.js';
import { MachineSheet } from './panels/machine-sheet.js';
import { ModulesPanel } from './panels/modules-panel.js';
import { Api } from './state/api.js';
import { Connection } from './state/connection.js';
import { LiveCheck } from './state/live-check.js';
import type { Change } from './state/messages.js';
import { Polling } from './state/polling.js';
import { keyOf, Store } from './state/store.js';
import { token } from './state/token.js';

const store = new Store();
const happened = new Happened();
const frames = new Frames();
const visible = new Visible();
const said = new Said();
const api = new Api(token.get, () => lock('This token is not known to the service, or no longer.'));
const gate = new Gate(() => void enter());
const link = new LinkStatus();
const dialog = new FormDialog((text) => said.say(text));
const status = new StatusQuestions(api);
const table = new TableQuestions(api);
const sheet = new MachineSheet(store, happened, (act, machine) => {
  const questions = {
    'set-up': () => status.setUp(machine),
    'take-down': () => status.takeDown(machine),
    drain: () => status.drain(machine),
    change: () => table.change(machine),
    remove: () => table.remove(machine),
  };
  dialog.ask(questions[act]());
});
const list = new MachineList(store, frames, visible, (key) => sheet.open(key));
const modules = new ModulesPanel(store);
const stream = new HappenedPanel(happened, frames, (key) => {
  if (store.machines.has(key)) sheet.open(key);
  else said.say('This machine is no longer there.');
});
const redrawPanels = () => {
  modules.redraw();
  sheet.redraw();
};
const polling = new Polling(api, store, {
  machinesChanged: (keys) => list.redraw(keys),
  modulesRead: (rows, at) => {
    frames.request(redrawPanels);
    modules.measured(rows, at);
  },
});
const liveCheck = new LiveCheck(api);
const caller = new CallerCheck(
  api,
  (role) => {
    for (const id of ['reload', 'add', 'add-first']) part(id, HTMLButtonElement).disabled = role !== 'operate';
    sheet.allow(role === 'operate');
  },
  () => void liveCheck.look(token.get()),
);
const connection = new Connection({
  connected(connected) {
    link.show(connected);
    caller.connected(connected);
    liveCheck.connected(connected);
    if (connected) {
      void status.look();
      polling.start();
    } else {
      polling.stop();
      modules.interrupted();
    }
  },
  began(snapshot) {
    store.begin(snapshot, Date.now());
    list.redrawAll();
    frames.request(redrawPanels);
    void look();
  },
  changed,
  ended: (reason) => lock(reason),
});

function changed(change: Change): void {
  const now = Date.now();
  store.apply(change, now);
  const { params } = change;
  if ('machine' in params) list.redraw([keyOf(params.machine)]);
  if (change.method === 'reception') list.redraw([keyOf(change.params)]);
  if (change.method === 'module_unregistered') list.redrawAll();
  frames.request(redrawPanels);
  happened.add(entryOf(change, now));
  stream.added(1);
}

/** What the history knows of the time before. */
async function look(): Promise<void> {
  const past = await readHistory(api);
  if (past === null) return;
  const { entries, learnt } = past;
  happened.begin(entries);
  stream.began();
  // The newest word on a machine comes first, and counts.
  list.redraw(learnt.filter(({ key, state, since }) => store.learn(key, state, since)).map(({ key }) => key));
}

/** A socket alone would not say that it is refused for want of a token. */
async function enter(): Promise<void> {
  await caller.ask();
  if (gate.asked) return;
  caller.connected(false);
  await connection.open(token.get());
}

/** Shows nothing more until there is a token. */
function lock(fault: string): void {
  connection.close();
  caller.stop();
  polling.stop();
  dialog.close();
  sheet.close();
  gate.ask(token.get() === null ? '' : fault);
  token.forget();
}

part('forget', HTMLButtonElement).addEventListener('click', () => {
  token.forget();
  location.reload();
});
part('reload', HTMLButtonElement).addEventListener('click', () => dialog.ask(table.reload()));
for (const id of ['add', 'add-first']) {
  part(id, HTMLButtonElement).addEventListener('click', () => {
    dialog.ask(table.add(part('cluster', HTMLSelectElement).value));
  });
}
useViews();
void enter();
