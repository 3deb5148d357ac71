import type { Resolution, Resolver } from '../../../src/service/ports/resolver.js';

/** A resolver whose results come from the test; IP addresses resolve at once. */
export class HeldResolver implements Resolver {
  readonly asked: string[] = [];
  private readonly answers = new Map<string, (found: Resolution) => void>();
  private readonly waiting = new Set<() => void>();

  resolve(host: string): Promise<Resolution> {
    if (/^[\d.]+$/.test(host)) return Promise.resolve({ ips: [host], fault: null });
    this.asked.push(host);
    const answer = new Promise<Resolution>((resolve) => this.answers.set(host, resolve));
    for (const wake of this.waiting) wake();
    return answer;
  }

  /** Resolves the host to these addresses, or to the code of an error. */
  async answer(host: string, found: string | readonly string[]): Promise<void> {
    while (!this.answers.has(host)) await new Promise<void>((wake) => this.waiting.add(wake));
    const failed = typeof found === 'string';
    this.answers.get(host)?.({ ips: failed ? [] : found, fault: failed ? found : null });
    this.answers.delete(host);
  }
}
