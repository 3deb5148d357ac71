import { inBrowser } from '../support/page/browser.js';
import { dialogOf, openDialog, rowOf } from '../support/page/page.js';
import {
  startService,
  startServiceOnDisk,
  stopServicesAfterEach,
  type TestService,
} from '../support/service/service.js';
import { withTable } from '../support/tables/table.js';

/** A browser is slow on a busy machine. */
jest.setTimeout(60_000);
stopServicesAfterEach();

async function twoMachines(start = startService): Promise<TestService> {
  const service = await start();
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  await service.provision(1, 3, 'bin:127.0.0.3:5555');
  return service;
}

async function machineOf(service: TestService, machine: number) {
  return (await service.request('GET', `/clusters/1/machines/${machine}`)).body;
}

inBrowser('an operator on the page', (browser) => {
  it('takes a machine down and sets it up again, each after a confirmation that says what will happen', async () => {
    const service = await twoMachines();
    const page = await browser.openLive(service);
    const down = await openDialog(page, 1, 3, 'Take down…');
    await down.getByText('Take machine 3 of cluster 1 down?').waitFor();
    await down.getByText('until someone sets it up. Reloads and restarts do not change that.').waitFor();
    await down.getByRole('button', { name: 'Cancel' }).click();
    expect(await machineOf(service, 3)).toMatchObject({ state: 'up' });

    await page.getByRole('button', { name: 'Take down…' }).click();
    await down.getByRole('button', { name: 'Take down' }).click();
    await page.getByRole('status').getByText('Machine 3 of cluster 1 is down.').waitFor();
    expect(await machineOf(service, 3)).toMatchObject({ state: 'down' });

    await page.getByRole('button', { name: 'Set up…' }).click();
    await dialogOf(page, 'Set machine 3 of cluster 1 up?').getByRole('button', { name: 'Set up' }).click();
    await page.getByRole('status').getByText('Machine 3 of cluster 1 is up.').waitFor();
    expect(await machineOf(service, 3)).toMatchObject({ state: 'up' });
  });

  it('takes a machine down over a reload, with the default reason or another', async () => {
    const service = await twoMachines();
    const page = await browser.openLive(service);
    const down = await openDialog(page, 1, 3, 'Take down…');
    await down.getByRole('button', { name: 'Take down' }).click();
    await page.getByRole('status').getByText('Machine 3 of cluster 1 is down.').waitFor();
    expect(await machineOf(service, 3)).toMatchObject({ state: 'down', drain: { reason: 'set down', until: null } });
    await page.getByRole('log').getByText('Machine 3 of cluster 1 is set down by an operator').waitFor();
    await service.request('POST', '/reload');
    expect(await machineOf(service, 3)).toMatchObject({ state: 'down', drain: { reason: 'set down' } });
    expect(await page.getByRole('button', { name: /down…/ }).isVisible()).toBe(false);
    await page.keyboard.press('Escape');

    const other = await openDialog(page, 1, 2, 'Take down…');
    await other.getByLabel('Reason').fill('broken fan');
    await other.getByRole('button', { name: 'Take down' }).click();
    await rowOf(page, 1, 2).getByText('Drained: broken fan').waitFor({ state: 'attached' });
    expect(await machineOf(service, 2)).toMatchObject({ state: 'down', drain: { reason: 'broken fan', until: null } });
  });

  it('says that a restart ends a drain when the database does not let the service store it', async () => {
    const page = await browser.openLive(await twoMachines());
    await page.route('**/readyz', (route) => route.fulfill({ json: { status: 'ready', in_memory: ['drains'] } }));
    const asked = page.waitForResponse('**/readyz');
    await page.reload();
    await asked;
    const down = await openDialog(page, 1, 3, 'Take down…');
    await down.getByText('A reload does not change that, but a restart does').waitFor();
  });

  it('keeps a machine down that a reload or the end of its drain would bring back', async () => {
    const service = await twoMachines();
    await service.request('PUT', '/clusters/1/machines/2/status', { status: 'down' });
    const ending = { status: 'down', reason: 'kernel update', until: '2100-01-01T00:00:00Z' };
    await service.request('PUT', '/clusters/1/machines/3/status', ending);
    const page = await browser.openLive(service);
    for (const [machine, reason] of [
      [2, 'set down'],
      [3, 'kernel update'],
    ] as const) {
      const keep = await openDialog(page, 1, machine, 'Keep down…');
      await keep.getByText(`Keep machine ${machine} of cluster 1 down?`).waitFor();
      if (machine === 3) await keep.getByText('Its drain no longer ends by itself.').waitFor();
      await keep.getByRole('button', { name: 'Keep down' }).click();
      await page.getByRole('button', { name: 'Keep down…' }).waitFor({ state: 'hidden' });
      expect(await machineOf(service, machine)).toMatchObject({ state: 'down', drain: { reason, until: null } });
      await page.keyboard.press('Escape');
    }
    await service.request('POST', '/reload');
    expect(await machineOf(service, 2)).toMatchObject({ state: 'down' });
  });

  it('drains a machine with a reason and an end, shows both, changes the drain and ends it', async () => {
    const service = await twoMachines();
    const page = await browser.openLive(service);
    const drain = await openDialog(page, 1, 3, 'Drain…');
    await drain.getByRole('button', { name: 'Drain' }).click();
    await drain.getByText('Enter a reason or an end').waitFor();
    await drain.getByLabel('Reason').fill('kernel update');
    await drain.getByText('until someone sets it up').last().waitFor();
    await drain.getByRole('button', { name: 'In 2 h' }).click();
    await drain.getByText(/until .* \(1 h 5\d min|2 h\)\. Then it is up again\./).waitFor();
    await drain.getByRole('button', { name: 'Drain' }).click();
    await page.getByRole('status').getByText('Machine 3 of cluster 1 is down, drained.').waitFor();
    const { state, drain: set } = await machineOf(service, 3);
    expect({ state, reason: set.reason }).toEqual({ state: 'down', reason: 'kernel update' });
    await rowOf(page, 1, 3).getByText('Drained: kernel update').waitFor({ state: 'attached' });
    await page.getByRole('log').getByText('Machine 3 of cluster 1 is drained: kernel update').waitFor();

    await page.getByRole('button', { name: 'Change drain…' }).click();
    const change = dialogOf(page, 'Change the drain of machine 3 of cluster 1?');
    expect(await change.getByLabel('Reason').inputValue()).toBe('kernel update');
    await change.getByLabel('Until').fill('2020-01-01T00:00');
    await change.getByRole('button', { name: 'Change drain' }).click();
    await change.getByText(/future|past/).waitFor();
    await change.getByLabel('Until').fill('');
    await change.getByRole('button', { name: 'Change drain' }).click();
    await page.getByText('when someone sets it up', { exact: true }).waitFor();

    await page.getByRole('button', { name: 'Set up…' }).click();
    await page.getByText('Its drain ends.').waitFor();
    await dialogOf(page, /^Set machine/)
      .getByRole('button', { name: 'Set up' })
      .click();
    await page.getByRole('status').getByText('Machine 3 of cluster 1 is up.').waitFor();
    expect(await machineOf(service, 3)).not.toHaveProperty('drain');
  });

  it('works with the keyboard alone, and returns the focus', async () => {
    const service = await twoMachines();
    const page = await browser.openLive(service);
    await rowOf(page, 1, 3).waitFor();
    const focused = () => page.evaluate(() => document.activeElement?.textContent ?? '');
    const tabTo = async (text: string) => {
      for (let i = 0; i < 25 && !(await focused()).startsWith(text); i++) await page.keyboard.press('Tab');
      expect(await focused()).toContain(text);
    };
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Skip to machines');
    await tabTo('Cluster 1');
    await page.keyboard.press('Tab');
    expect(await focused()).toBe('Machine 2');
    await page.keyboard.press('ArrowDown');
    expect(await focused()).toBe('Machine 3');
    await page.keyboard.press('Enter');
    await tabTo('Take down…');
    await page.keyboard.press('Enter');
    expect(await page.evaluate(() => document.activeElement?.getAttribute('name'))).toBe('reason');
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('Take down…');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Enter');
    await rowOf(page, 1, 3).getByText('Down', { exact: true }).waitFor();
    await page.keyboard.press('Escape');
    expect(await focused()).toBe('Machine 3');
    await page.keyboard.press('Home');
    expect(await focused()).toBe('Machine 2');
  });

  it('adds, changes and removes machines, and shows each fault at its field', async () => {
    const service = await startService();
    const page = await browser.openLive(service);
    await page.getByText('The table has no machines yet.').waitFor();
    await page.getByRole('button', { name: 'Add machine…' }).last().click();
    const add = dialogOf(page, 'Add a machine?');
    await add.getByLabel('Cluster').fill('1');
    await add.getByRole('button', { name: 'Add machine' }).click();
    const id = add.getByRole('spinbutton', { name: 'Machine' });
    await add.getByText('must be integer').waitFor();
    expect(await id.getAttribute('aria-invalid')).toBe('true');
    expect(await id.evaluate((field) => field === document.activeElement)).toBe(true);
    await id.fill('4');
    await add.getByText('Machine 4 of cluster 1 is added to the table. Packets are sent to it at once.').waitFor();
    await add.getByLabel('Address').fill('bin:127.0.0.4:5555');
    await add.getByRole('button', { name: 'Add machine' }).click();
    await page.getByRole('status').getByText('Machine 4 of cluster 1 was added.').waitFor();
    expect(await machineOf(service, 4)).toMatchObject({ url: 'bin:127.0.0.4:5555', failed_attempts: 3, duration: 30 });

    const change = await openDialog(page, 1, 4, 'Change…');
    await change.getByLabel('Address').fill('bin:127.0.0.4');
    await change.getByText('its connection is closed').waitFor();
    await change.getByLabel('Seconds disabled').fill('-1');
    await change.getByRole('button', { name: 'Change' }).click();
    await change.getByText('must be >= 0').waitFor();
    await change.getByLabel('Seconds disabled').fill('60');
    await change.getByLabel('Description').fill('four');
    await change.getByRole('button', { name: 'Change' }).click();
    await page.getByRole('status').getByText('Machine 4 of cluster 1 was changed.').waitFor();
    expect(await machineOf(service, 4)).toMatchObject({ url: 'bin:127.0.0.4', duration: 60, description: 'four' });

    await page.getByRole('button', { name: 'Remove…' }).click();
    await dialogOf(page, /^Remove/)
      .getByText('This cannot be undone.')
      .waitFor();
    await dialogOf(page, /^Remove/)
      .getByRole('button', { name: 'Remove' })
      .click();
    await page.getByText('The table has no machines yet.').waitFor();
    expect((await service.request('GET', '/nodes')).body.nodes).toEqual([]);
  });

  it('shows why an action failed, and keeps the dialog open', async () => {
    const service = await twoMachines();
    const page = await browser.openLive(service);
    await page.getByRole('button', { name: 'Add machine…' }).first().click();
    const add = dialogOf(page, 'Add a machine?');
    await add.getByLabel('Cluster').fill('1');
    await add.getByRole('spinbutton', { name: 'Machine' }).fill('2');
    await add.getByLabel('Address').fill('bin:127.0.0.9');
    await add.getByRole('button', { name: 'Add machine' }).click();
    await add
      .getByRole('alert')
      .getByText(/already/)
      .waitFor();
    expect(await add.getByLabel('Address').inputValue()).toBe('bin:127.0.0.9');
    await service.stop();
    await add.getByRole('button', { name: 'Add machine' }).click();
    await add.getByRole('alert').getByText('The service cannot be reached.').waitFor();
  });

  it('reloads the table, and shows the result', async () => {
    const service = await twoMachines(startServiceOnDisk);
    const page = await browser.openLive(service);
    await withTable(service, (table) => table.add({ cluster_id: 2, machine_id: 1, url: 'bin:127.0.0.5' }));
    await page.getByRole('button', { name: 'Reload table…' }).click();
    await dialogOf(page, 'Reload the table?').getByRole('button', { name: 'Reload' }).click();
    await page.getByRole('status').getByText('Table loaded: 3 machines, 1 added').waitFor();
    await rowOf(page, 2, 1).waitFor();
    await page.getByRole('log').getByText('Table loaded: 3 machines, 1 added').waitFor();
  });
});
