import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

const COLLECT = join(__dirname, '../../dist/process/collect-garbage.js');

/** Runs a program after a start. The flag makes Node print a line for each collection; returns those that were asked for. */
async function collectionsOf(program: string): Promise<string[]> {
  const start = `require(${JSON.stringify(COLLECT)}).collectGarbageIfIdle();`;
  const child = spawn(process.execPath, ['--trace-gc', '-e', start + program], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    if (line.includes('low memory notification')) lines.push(line);
    if (lines.length > 0) break;
  }
  child.kill();
  if (child.exitCode === null && child.signalCode === null) await once(child, 'exit');
  return lines;
}

describe('two seconds after the start, garbage', () => {
  it('is collected in a process that is idle', async () => {
    const lines = await collectionsOf('setInterval(() => {}, 60_000);');
    expect(lines).toEqual([expect.stringContaining('Mark-Compact')]);
  });

  it('is not collected in a process that works', async () => {
    const working = 'const work = () => { if (performance.now() < 3_000) setImmediate(work); }; work();';
    expect(await collectionsOf(working)).toEqual([]);
  });
});
