import { element } from '../dom/element.js';
import type { Visible } from '../dom/visible.js';
import type { MachineRow } from './machine-row.js';

/**
 * Rows of a block. The browser skips blocks that are out of view, and must compare each of them with the view in every frame. With one
 * block per row, that takes most of a frame for 2,000 machines.
 */
const BLOCK_ROWS = 20;

interface Block {
  readonly element: HTMLTableSectionElement;
  rows: readonly MachineRow[];
}

/** The rows of a table in blocks, which are its bodies. */
export class RowBlocks {
  private readonly blocks: Block[] = [];

  constructor(
    private readonly table: HTMLTableElement,
    private readonly visible: Visible,
  ) {}

  /** Shows these rows in this order, and no others. Rows that are in their places do not move. */
  show(rows: readonly MachineRow[]): void {
    const count = Math.ceil(rows.length / BLOCK_ROWS);
    while (this.blocks.length < count) this.add();
    for (const { element } of this.blocks.splice(count)) {
      this.visible.forget(element);
      element.remove();
    }
    for (const [i, block] of this.blocks.entries()) fill(block, rows.slice(i * BLOCK_ROWS, (i + 1) * BLOCK_ROWS));
  }

  private add(): void {
    const block: Block = { element: element('tbody', { role: 'rowgroup' }), rows: [] };
    this.blocks.push(block);
    this.table.append(block.element);
    this.visible.watch(block.element, () => {
      for (const row of block.rows) row.tick();
    });
  }
}

function fill(block: Block, rows: readonly MachineRow[]): void {
  const body = block.element;
  block.rows = rows;
  // The height until the browser has drawn the block.
  body.style.setProperty('--rows', String(rows.length));
  let next: Element | null = null;
  for (const { element } of rows.toReversed()) {
    if (element.parentElement !== body || element.nextElementSibling !== next) body.insertBefore(element, next);
    next = element;
  }
  while (body.firstElementChild !== next) body.firstElementChild?.remove();
}
