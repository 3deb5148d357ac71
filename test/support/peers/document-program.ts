import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { Recorder } from './client.js';

const ROOT = join(__dirname, '../../..');

/** Returns the code block of a document that has this name, as in three backticks, `js` and the name. */
export function programOf(document: string, name: string): string {
  const [, program = ''] =
    new RegExp(`^\`\`\`js ${name}\\n(.*?)^\`\`\`$`, 'ms').exec(readFileSync(join(ROOT, document), 'utf8')) ?? [];
  return program;
}

const children: ChildProcess[] = [];

export interface RunningProgram {
  /** What it prints, on standard output and standard error. */
  readonly printed: Recorder<string>;
  readonly child: ChildProcess;
}

/** Runs a program for a service in the folder of this package. */
export function runProgram(
  program: string,
  serviceUrl: string,
  more: Readonly<Record<string, string>> = {},
): RunningProgram {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', program], {
    cwd: ROOT,
    env: { ...process.env, SERVICE: serviceUrl, ...more },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  const printed = new Recorder<string>();
  for (const output of [child.stdout, child.stderr]) {
    createInterface(output).on('line', (line) => printed.add(line));
  }
  return { printed, child };
}

/** Call once at the top of a test file. */
export function endProgramsAfterEach(): void {
  afterEach(async () => {
    for (const child of children.splice(0)) {
      if (child.exitCode !== null || child.signalCode !== null) continue;
      child.kill('SIGKILL');
      await once(child, 'exit');
    }
  });
}
