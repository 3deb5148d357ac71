import { execFileSync } from 'node:child_process';

/** The releases of Node that the service supports, and the one that runs the tests. */
const MAJORS = [...new Set(['20', '22', '24', majorOf(process.version)])];

const paths = new Map([[majorOf(process.version), process.execPath]]);
for (const path of (process.env.TEST_NODES ?? '').split(':').filter((one) => one !== '')) {
  paths.set(majorOf(execFileSync(path, ['--version'], { encoding: 'utf8' })), path);
}

/** A test for each release, which gets the path of its binary. A release that is not installed is skipped, and fails with CI=true. */
export function onEachNode(name: string, run: (node: string) => Promise<void>): void {
  for (const major of MAJORS) {
    const path = paths.get(major);
    const declare = path === undefined && process.env.CI !== 'true' ? it.skip : it;
    declare(`${name} (Node ${major})`, () => {
      if (path === undefined) throw new Error(`TEST_NODES names no binary of Node ${major}`);
      return run(path);
    });
  }
}

function majorOf(version: string): string {
  return /\d+/.exec(version)?.[0] ?? '';
}
