/** Times, process ids, tokens and their hashes, in this order. */
const VARYING = [
  /\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d\.\d{3}Z?/,
  /\b\d\d:\d\d:\d\d\.\d{3}\b/,
  /\(\d+\)/,
  /\b[\da-f]{64}\b/,
  /(?<![\w-])[\w-]{32}(?![\w-])/,
];

/** A line of this form: columns may be wider, and what varies may be another one. */
export function patternOf(line: string): RegExp {
  const parts = line.trim().split(new RegExp(`(${[/…/, /\s+/, ...VARYING].map(({ source }) => source).join('|')})`));
  const pattern = parts.map((part, i) => {
    if (i % 2 === 0) return part.replaceAll(/[\\^$.*+?()[\]{}|]/g, '\\$&');
    if (part === '…') return '.*';
    return /^\s+$/.test(part) ? '\\s+' : `(?:${VARYING.find((one) => one.test(part))?.source})`;
  });
  return new RegExp(`^\\s*${pattern.join('')}\\s*$`);
}
