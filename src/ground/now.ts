/**
 * The instant of a command: both clocks, read once by the caller, in whole milliseconds.
 * Deadlines are monotonic. The wall clock only fills timestamps, so that setting it moves no deadline (T1).
 */
export interface Now {
  readonly monotonicMs: number;
  readonly unixMs: number;
}
