import { ChangeLog } from '../../../../src/service/events/change-log.js';

const FELL_SILENT = { number: 1, cluster_id: 1, machine_id: 2, from: 'receiving', to: 'disabled' } as const;

function watched(): ChangeLog {
  const changes = new ChangeLog();
  changes.watch(null, () => {});
  return changes;
}

describe('the change log', () => {
  it('keeps five to ten thousand of the newest changes', () => {
    const changes = watched();
    for (let i = 0; i < 10_001; i++) changes.append('reception', 1, () => ({ ...FELL_SILENT, module: 'ul' }));
    expect(changes.since(4_999, null)).toBeNull();
    expect(changes.since(5_001, null)?.length).toBe(5_000);
  });

  it('keeps fewer changes when they are long: at most 8 million characters', () => {
    const changes = watched();
    const module = 'x'.repeat(1_000_000);
    for (let i = 0; i < 9; i++) changes.append('reception', 1, () => ({ ...FELL_SILENT, module }));
    expect(changes.since(4, null)).toBeNull();
    expect(changes.since(5, null)?.map(({ seq }) => seq)).toEqual([6, 7, 8, 9]);
  });
});
