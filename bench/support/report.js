const { writeFileSync } = require('node:fs');
const { join } = require('node:path');
const { describeMachine, PINNED } = require('./machine.js');

/**
 * A result is ours beside a baseline (`ours`, `baseline`, `ratio`, and targets for the ratio's median), or a figure: a `value`, which is a
 * number or how several spread, all of them within `atMost`.
 */

function number(value) {
  const digits = value >= 100 ? 0 : value >= 10 ? 1 : 2;
  return value.toLocaleString('en', { maximumFractionDigits: digits, minimumFractionDigits: digits });
}

function spreadText({ median, smallest, largest }) {
  return `${number(median)} (${number(smallest)} to ${number(largest)})`;
}

function figureText(value) {
  return typeof value === 'number' ? number(value) : spreadText(value);
}

/** What a result was to reach, in words, and whether it did. */
function targets({ ratio, ours, value, atLeast, atMost, oursAtLeast, oursAtMost, unit }) {
  const found = [];
  if (atLeast !== undefined) found.push({ wanted: `at least ${number(atLeast)}`, met: ratio.median >= atLeast });
  if (oursAtLeast !== undefined) {
    found.push({ wanted: `at least ${number(oursAtLeast)} ${unit}`, met: ours.median >= oursAtLeast });
  }
  if (oursAtMost !== undefined) {
    found.push({ wanted: `at most ${number(oursAtMost)} ${unit}`, met: ours.median <= oursAtMost });
  }
  if (atMost !== undefined) {
    const wanted = ratio === undefined ? `at most ${number(atMost)} ${unit}` : `at most ${number(atMost)}`;
    found.push({ wanted, met: (ratio?.median ?? value.largest ?? value) <= atMost });
  }
  return found;
}

/** Which targets were missed, in words. */
function finding(result) {
  const measured = figureText(result.ratio ?? result.value);
  const missed = targets(result).filter(({ met }) => !met);
  return { missed: missed.map(({ wanted }) => `${result.bench}: ${result.what}: ${measured}, wanted ${wanted}`) };
}

function cells(values) {
  return `| ${values.join(' | ')} |`;
}

function wantedText(result) {
  return targets(result)
    .map(({ wanted, met }) => `${wanted}${met ? '' : ' **missed**'}`)
    .join('; ');
}

function processorText({ cpuMicros }) {
  return cpuMicros === undefined ? '' : `${number(cpuMicros.ours.median)} / ${number(cpuMicros.baseline.median)}`;
}

/** One line about a result, for whoever watches. */
function line(result) {
  const { bench, what, unit, ours, baseline, ratio, value } = result;
  if (ratio === undefined) return `${bench}: ${what}: ${figureText(value)} ${unit} ${wantedText(result)}`;
  const sides = `ours ${spreadText(ours)}, baseline ${spreadText(baseline)} ${unit}`;
  const processor = processorText(result);
  return `${bench}: ${what}: ratio ${spreadText(ratio)}, wanted ${wantedText(result)}; ${sides}${processor && `; processor µs ${processor}`}`;
}

function sideBySideTable(results) {
  const rows = results.map((result) => {
    const { what, against, unit, ours, baseline, ratio } = result;
    const sides = [`${spreadText(ours)} ${unit}`, `${spreadText(baseline)} ${unit}`];
    return cells([what, against, ...sides, spreadText(ratio), wantedText(result), processorText(result)]);
  });
  const head = [
    'what',
    'baseline',
    'ours',
    'baseline reaches',
    'ratio',
    'wanted',
    'processor µs each, ours / baseline',
  ];
  return [cells(head), cells(head.map(() => '---')), ...rows].join('\n');
}

function figureTable(results) {
  const rows = results.map((result) => {
    const { what, unit, value } = result;
    return cells([what, `${figureText(value)} ${unit}`, wantedText(result)]);
  });
  return [cells(['what', 'measured', 'wanted']), cells(['---', '---', '---']), ...rows].join('\n');
}

/** How fast the service is on real traffic, in the first lines of RESULTS.md. */
function headline(compared) {
  const relays = compared.filter(({ bench }) => bench.startsWith('relay-'));
  const lines = relays.map(({ what, ours, ratio }) => {
    return `- ${what}: ${number(ours.median)} packets/s, ${number(ratio.median)} of the bare pipe`;
  });
  const delays = compared.filter(({ bench, atMost }) => bench === 'latency' && atMost !== undefined);
  lines.push(...delays.map(({ what, ours }) => `- ${what}: ${number(ours.median)} ms`));
  return `The relay on traffic as machines send it, medians of all rounds. Where one packet is repeated, that is the best case.\n\n${lines.join('\n')}`;
}

/** RESULTS.md for people, results.jsonl for programs: one result a line. */
function write(results) {
  const machine = describeMachine();
  const compared = results.filter(({ ratio }) => ratio !== undefined);
  const figures = results.filter(({ ratio }) => ratio === undefined);
  const text = `# Results

${headline(compared)}

Written by \`npm run bench\`. ${machine}.
${PINNED ? 'What is measured had one core, what loads it and reads from it the other.' : 'All processes shared the cores.'}

A figure with brackets is the median of all rounds, in them the smallest and the largest; one without was taken once. Of the ratios the
median is what counts, of figures with a limit the largest. The ratio is that of one round, ours to the baseline
right before or after it, so that what slows the machine down for a while slows both.

${sideBySideTable(compared)}

${figureTable(figures)}
`;
  writeFileSync(join(__dirname, '../RESULTS.md'), text);
  const lines = results.map((result) => JSON.stringify({ machine, ...result }));
  writeFileSync(join(__dirname, '../results.jsonl'), `${lines.join('\n')}\n`);
}

module.exports = { finding, line, write };
