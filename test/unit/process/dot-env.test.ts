import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDotEnv, readDotEnv } from '../../../src/process/dot-env.js';

describe('a file .env', () => {
  it.each([
    ['A=1\nB=2', { A: '1', B: '2' }],
    ['\uFEFFA=1\r\n\r\n# why\r\nB=2\r\n', { A: '1', B: '2' }],
    ['A=1\rB=2', { A: '1', B: '2' }],
    ['  A = 1  # why\n\texport B=2', { A: '1', B: '2' }],
    ['A=\nB=2', { A: '', B: '2' }],
    ['A="1 # 2" # why\nB=\'x\'\nC=`y`', { A: '1 # 2', B: 'x', C: 'y' }],
    ['A="-----\nB=no\n-----"\nC=3', { A: '-----\nB=no\n-----', C: '3' }],
    ["A=it's\nB=it's", { A: "it's", B: "it's" }],
    ['A=postgres://me:a=b@host/x?y=z', { A: 'postgres://me:a=b@host/x?y=z' }],
    ['A=1\nA=2', { A: '2' }],
    ['', {}],
  ])('is read whatever editor wrote it: %j', (text, values) => {
    expect(parseDotEnv(text)).toEqual({ values, faults: [] });
  });

  it.each([
    ['A=1\ns3cret\nB=2', 'line 2 is not an assignment: write NAME=value, or # before a comment'],
    ['A=1\nNAME: s3cret\nB=2', 'line 2 is not an assignment: write NAME=value, or # before a comment'],
    ['A=1\n=s3cret\nB=2', 'line 2 is not an assignment: write NAME=value, or # before a comment'],
    ['A=1\nC="s3cret\nB=2', 'line 2 has an unclosed quote, or text after the closing quote'],
    ['A=1\nC="s3cret" and\nB=2', 'line 2 has an unclosed quote, or text after the closing quote'],
    ['A=1\nC\uFFFDs3cret\nB=2', 'line 2 is not UTF-8 text: save the file in that encoding'],
  ])('reports a line that is not an assignment, and keeps every other variable: %j', (text, fault) => {
    expect(parseDotEnv(text)).toEqual({ values: { A: '1', B: '2' }, faults: [fault] });
  });

  it('does not override the environment, where an empty value counts as not set', () => {
    const folder = mkdtempSync(join(tmpdir(), 'clusterer-env-'));
    const path = join(folder, '.env');
    writeFileSync(path, 'A=file\nB=file\nC=file\noops');
    const environment = { A: 'real', B: ' ' };
    expect(readDotEnv(path, environment)).toEqual([
      `${path}, line 4 is not an assignment: write NAME=value, or # before a comment`,
    ]);
    expect(environment).toEqual({ A: 'real', B: 'file', C: 'file' });
    rmSync(folder, { recursive: true });
  });

  it('is optional', () => {
    expect(readDotEnv(join(tmpdir(), 'nowhere', '.env'), {})).toEqual([]);
  });
});
