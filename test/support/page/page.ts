import type { Locator, Page } from 'playwright-core';

/** A machine's row in the table of its cluster. */
export function rowOf(page: Page, cluster: number, machine: number): Locator {
  const table = page.getByRole('table', { name: `Cluster ${cluster}`, exact: true });
  return table.getByRole('row').filter({ has: page.getByRole('button', { name: `Machine ${machine}`, exact: true }) });
}

/** Opens a machine's sheet, and the dialog that confirms the action of `button`. */
export async function openDialog(page: Page, cluster: number, machine: number, button: string): Promise<Locator> {
  await rowOf(page, cluster, machine).getByRole('button').click();
  await page.getByRole('button', { name: button }).click();
  return dialogOf(page, new RegExp(`machine ${machine} of cluster ${cluster}`));
}

/** An open dialog by its title. */
export function dialogOf(page: Page, title: string | RegExp): Locator {
  return page.getByRole('dialog', { name: title });
}
