/** What stands in place of a value that nobody may see. */
export const REDACTED = '(redacted)';

const RAW = '_raw';

/** Returns decoded fields with `REDACTED` in place of those with these names, and of their raw values, in groups and lists too. */
export function redact(fields: Readonly<Record<string, unknown>>, names: ReadonlySet<string>): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [name, isNamed(name, names) ? REDACTED : within(value, names)]),
  );
}

function isNamed(name: string, names: ReadonlySet<string>): boolean {
  return names.has(name) || (name.endsWith(RAW) && names.has(name.slice(0, -RAW.length)));
}

function within(value: unknown, names: ReadonlySet<string>): unknown {
  if (Array.isArray(value)) return value.map((one) => within(one, names));
  if (typeof value === 'object' && value !== null) return redact(value as Record<string, unknown>, names);
  return value;
}
