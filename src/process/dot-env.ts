import { readFileSync } from 'node:fs';
import { parseEnv } from 'node:util';

/** One assignment. A quoted value may span lines, and a comment may follow a value. */
const ASSIGNMENT =
  /[ \t]*(?:export[ \t]+)?[\w.-]+[ \t]*=[ \t]*(?:(?:"[^"]*"|'[^']*'|`[^`]*`)[ \t]*(?=#|\n|$)(?:#[^\n]*)?|(?![ \t]*["'`])[^\n]*)/y;
const NOTHING = /[ \t]*(?:#[^\n]*)?(?=\n|$)/y;

/**
 * Adds the assignments of the file to an environment, which wins. An empty value counts as not set.
 * @returns a fault for each line that is not an assignment, without its content
 * @throws Error if the file exists and cannot be read
 */
export function readDotEnv(path: string, environment: Record<string, string | undefined>): string[] {
  const { values, faults } = parseDotEnv(textOf(path));
  for (const [name, value] of Object.entries(values)) if (!environment[name]?.trim()) environment[name] = value;
  return faults.map((fault) => `${path}, ${fault}`);
}

/** Node parses each assignment alone, because it would take the lines after a faulty one for a part of it. */
export function parseDotEnv(source: string): { readonly values: Record<string, string>; readonly faults: string[] } {
  const text = source.replace(/^\uFEFF/, '').replaceAll(/\r\n?/g, '\n');
  const values: Record<string, string> = {};
  const faults: string[] = [];
  for (let at = 0; at < text.length; at++) {
    const assignment = matchAt(ASSIGNMENT, text, at);
    if (assignment !== null) Object.assign(values, parseEnv(assignment.replace(/^[ \t]*(?:export[ \t]+)?/, '')));
    else if (matchAt(NOTHING, text, at) === null) faults.push(faultAt(text, at));
    at += assignment?.length ?? lineAt(text, at).length;
  }
  return { values, faults };
}

function faultAt(text: string, at: number): string {
  const number = text.slice(0, at).split('\n').length;
  const line = lineAt(text, at);
  if (/[\0\uFFFD]/.test(line)) return `line ${number} is not UTF-8 text: save the file in that encoding`;
  if (/=\s*["'`]/.test(line)) return `line ${number} has an unclosed quote, or text after the closing quote`;
  return `line ${number} is not an assignment: write NAME=value, or # before a comment`;
}

function matchAt(pattern: RegExp, text: string, at: number): string | null {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? null;
}

function lineAt(text: string, at: number): string {
  return text.slice(at).split('\n', 1)[0] ?? '';
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (cause) {
    if ((cause as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw new Error(`The file ${path} cannot be read: make it a text file that this user may read, or remove it.`, {
      cause,
    });
  }
}
