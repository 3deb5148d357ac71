/** The part of a standard stream that commands use. */
export interface Stream {
  readonly isTTY?: boolean;
  hasColors?(): boolean;
  write(text: string, done?: (error?: Error | null) => void): unknown;
  on(event: 'error', listener: (error: Error) => void): unknown;
}

/** What a command runs in: `process`, or a stand-in for it in tests. */
export interface Host {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: Stream;
  readonly stderr: Stream;
  exitCode?: number | string | null | undefined;
  once(signal: NodeJS.Signals, listener: () => void): unknown;
}
