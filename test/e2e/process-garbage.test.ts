import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const COLLECT = join(__dirname, '../../dist/process/collect-garbage.js');

/** Busy for three seconds, then idle until it is killed. The flag makes Node print a line for each collection. */
const PROGRAM = `
  require(${JSON.stringify(COLLECT)}).collectGarbageWhenIdle();
  const work = () => {
    if (performance.now() < 3_000) return setImmediate(work);
    console.log('idle');
    setInterval(() => {}, 60_000);
  };
  work();
`;

it('the garbage of the start is collected as soon as the process is idle, and not before', async () => {
  const child = spawn(process.execPath, ['--trace-gc', '-e', PROGRAM], { stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line === 'idle' || line.includes('low memory notification')) lines.push(line);
    if (lines.length === 2) break;
  }
  child.kill();
  await once(child, 'exit');
  expect(lines).toEqual(['idle', expect.stringContaining('Mark-Compact')]);
});
