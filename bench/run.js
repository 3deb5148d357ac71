/**
 * Runs the benchmarks and writes what they measured to RESULTS.md and results.jsonl.
 * --only NAME (again for more): these alone, and nothing is written. --quick: small counts and one row, to try a bench.
 * --check: without those that only show how cost grows; fails when a target is missed, and nothing is written. Not of less than five rounds.
 */
const { parseArgs } = require('node:util');
const { finding, line, write } = require('./support/report.js');

/** In the order of the report. */
const TARGETS = [
  'relay-binary',
  'relay-json',
  'decoded',
  'dialects',
  'latency',
  'fan-out',
  'send-to',
  'list-nodes',
  'engine',
  'expiry',
  'stall',
  'pings',
  'start',
  'idle-memory',
];
const GROWTH = ['growth-registrations', 'growth-machines', 'resume-buffers'];
/** Needs PostgreSQL and nats-server. */
const WITH_SERVERS = ['replicas'];

function readArguments() {
  const { values } = parseArgs({
    options: {
      check: { type: 'boolean', default: false },
      quick: { type: 'boolean', default: false },
      only: { type: 'string', multiple: true, default: [] },
      rounds: { type: 'string', default: '7' },
    },
  });
  const names = values.check ? TARGETS : [...TARGETS, ...GROWTH, ...WITH_SERVERS];
  const unknown = values.only.find((name) => !names.includes(name));
  if (unknown !== undefined) throw new Error(`--only ${unknown}: there are ${names.join(', ')}`);
  const rounds = Number(values.rounds);
  if (!Number.isInteger(rounds) || rounds < 1) throw new Error('--rounds must be a whole number from 1');
  if (values.check && (values.quick || rounds < 5)) throw new Error('--check needs at least 5 rounds, and no --quick');
  return { ...values, rounds, names: values.only.length > 0 ? values.only : names };
}

async function main() {
  const { check, quick, only, rounds, names } = readArguments();
  const results = [];
  for (const bench of names) {
    const { run } = require(`./${bench}.js`);
    for (const result of await run({ rounds, quick })) {
      results.push({ bench, ...result });
      process.stdout.write(`${line({ bench, ...result })}\n`);
    }
  }
  if (!check && !quick && only.length === 0) write(results);
  const missed = results.flatMap((result) => finding(result).missed);
  for (const words of missed) process.stdout.write(`missed: ${words}\n`);
  if (check && missed.length > 0) process.exitCode = 1;
}

main().catch((error) => {
  process.stderr.write(`${error.stack}\n`);
  process.exit(1);
});
