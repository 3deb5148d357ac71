import type { Resolution, Resolver } from '../../service/ports/resolver.js';
import { canonicalIp } from '../../wire/address.js';
import { LookupProcess } from './lookup-process.js';

/** The resolver of the operating system, hosts file included. */
export class SystemResolver implements Resolver {
  private readonly process: LookupProcess;
  /** Look-ups in progress, one for each host. */
  private readonly inProgress = new Map<string, Promise<Resolution>>();
  /** Hosts whose last look-up found nothing. They are looked up one after another, so that they do not delay other hosts. */
  private readonly failed = new Set<string>();
  private lastOfFailed: Promise<unknown> = Promise.resolve();

  /** @param program as for `LookupProcess` */
  constructor(program?: string) {
    this.process = new LookupProcess(program);
  }

  resolve(host: string): Promise<Resolution> {
    const ip = canonicalIp(host);
    if (ip !== null) return Promise.resolve({ ips: [ip], fault: null });
    const inProgress = this.inProgress.get(host);
    if (inProgress) return inProgress;
    const found = this.failed.has(host) ? this.inTurn(host) : this.lookUp(host);
    this.inProgress.set(host, found);
    return found;
  }

  close(): void {
    this.process.close();
  }

  private inTurn(host: string): Promise<Resolution> {
    const found = this.lastOfFailed.then(() => this.lookUp(host));
    this.lastOfFailed = found;
    return found;
  }

  private async lookUp(host: string): Promise<Resolution> {
    const { addresses, fault } = await this.process.lookUp(host);
    this.inProgress.delete(host);
    const ips = addresses.flatMap((address) => canonicalIp(address) ?? []);
    if (ips.length > 0) this.failed.delete(host);
    else this.failed.add(host);
    return ips.length > 0 ? { ips: [...new Set(ips)], fault: null } : { ips, fault: fault ?? 'ENOTFOUND' };
  }
}
