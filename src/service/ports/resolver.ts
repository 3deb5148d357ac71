/** The result of a lookup. */
export interface Resolution {
  /** In canonical text; the first is used for sending. Empty: none was found. */
  readonly ips: readonly string[];
  /** Why none was found: a code of getaddrinfo. `ENOTFOUND` concerns the name, others (`EAI_AGAIN`) the name servers. */
  readonly fault: string | null;
}

/** Resolves host names. */
export interface Resolver {
  /** May take minutes; at once for an IP address, which resolves to itself. Never rejects. */
  resolve(host: string): Promise<Resolution>;
  /** Stops the worker, if there is one. */
  close?(): void;
}
