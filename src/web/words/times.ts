const DAY_MS = 86_400_000;

/** undefined: the browser's zone. */
let timeZone: 'UTC' | undefined;
let clock = formatOf({ second: '2-digit' });
let dayAndClock = formatOf({ day: 'numeric', month: 'short' });

/** Shows times in UTC from now on, or again in the browser's zone. */
export function showUtc(utc: boolean): void {
  timeZone = utc ? 'UTC' : undefined;
  clock = formatOf({ second: '2-digit' });
  dayAndClock = formatOf({ day: 'numeric', month: 'short' });
}

function formatOf(more: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  return new Intl.DateTimeFormat(undefined, {
    hour: '2-digit',
    minute: '2-digit',
    hourCycle: 'h23',
    timeZone,
    ...more,
  });
}

/** `12:54:07` within half a day of `now`, otherwise `21 Nov, 12:54`. Both arguments are Unix milliseconds. */
export function timeOf(at: number, now: number): string {
  return Math.abs(now - at) < DAY_MS / 2 ? clock.format(at) : dayAndClock.format(at);
}

/** `45 s`, `12 min`, `3 h 20 min`, `2 days`; at least 0. */
export function lengthOf(seconds: number): string {
  const whole = Math.max(0, Math.ceil(seconds));
  if (whole < 120) return `${whole} s`;
  const minutes = Math.round(whole / 60);
  if (minutes < 60) return `${minutes} min`;
  const hours = Math.floor(minutes / 60);
  if (hours < 48) return minutes % 60 === 0 ? `${hours} h` : `${hours} h ${minutes % 60} min`;
  return `${Math.round(hours / 24)} days`;
}

/** The value of a `datetime-local` field: the browser's local time, to the minute. */
export function localInput(at: number): string {
  const date = new Date(at);
  return new Date(at - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}
