import { capabilityOf } from '../wire/cluster/capability-of.js';
import type { Registration } from './reception.js';

/** The registrations in force, by what packets and machines find them with. */
export class Registered {
  private readonly byNumber = new Map<number, Registration>();
  private readonly byModule = new Map<string, Set<Registration>>();
  private readonly byCapability = new Map<string, Set<Registration>>();
  private readonly byCluster = new Map<number, Set<Registration>>();

  /** By ascending number. */
  get all(): Iterable<Registration> {
    return this.byNumber.values();
  }

  of(number: number): Registration | undefined {
    return this.byNumber.get(number);
  }

  /** Those with this name, for packets of dialect 2.2. */
  ofModule(module: string): Iterable<Registration> {
    return this.byModule.get(module) ?? [];
  }

  /** Those whose name means this capability, for packets of dialect 2.4. */
  ofCapability(capability: string): Iterable<Registration> {
    return this.byCapability.get(capability) ?? [];
  }

  /** Whether several registrations decode the packets of this module, under any of its names. */
  isDecodedBySeveral(module: string): boolean {
    let readers = 0;
    for (const { decode } of this.ofCapability(capabilityOf(module))) if (decode && ++readers > 1) return true;
    return false;
  }

  ofCluster(clusterId: number): Iterable<Registration> {
    return this.byCluster.get(clusterId) ?? [];
  }

  add(registration: Registration): void {
    const { number, module, clusterId } = registration;
    this.byNumber.set(number, registration);
    addTo(this.byModule, module, registration);
    addTo(this.byCapability, capabilityOf(module), registration);
    addTo(this.byCluster, clusterId, registration);
  }

  delete(registration: Registration): void {
    const { number, module, clusterId } = registration;
    this.byNumber.delete(number);
    deleteFrom(this.byModule, module, registration);
    deleteFrom(this.byCapability, capabilityOf(module), registration);
    deleteFrom(this.byCluster, clusterId, registration);
  }
}

/** Sets, because a hundred thousand registrations of one module may end together, and each must leave in constant time. */
function addTo<K>(groups: Map<K, Set<Registration>>, key: K, registration: Registration): void {
  const group = groups.get(key);
  if (group === undefined) groups.set(key, new Set([registration]));
  else group.add(registration);
}

function deleteFrom<K>(groups: Map<K, Set<Registration>>, key: K, registration: Registration): void {
  const group = groups.get(key);
  group?.delete(registration);
  if (group?.size === 0) groups.delete(key);
}
