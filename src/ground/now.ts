/**
 * The instant a command happens at: both clocks, read once by the caller, in whole milliseconds.
 * Deadlines are monotonic; the wall clock only fills `last_attempt`, so a jump of it moves no deadline.
 */
export interface Now {
  readonly monotonicMs: number;
  readonly unixMs: number;
}
