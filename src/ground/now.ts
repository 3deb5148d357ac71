/**
 * The time at which a command happens: both clocks, in whole milliseconds, read once by the caller.
 * Deadlines are monotonic. The wall clock only fills `last_attempt`, so a jump of it moves no deadline.
 */
export interface Now {
  readonly monotonicMs: number;
  readonly unixMs: number;
}
