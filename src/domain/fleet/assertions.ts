import type { Turn } from './effects.js';
import type { Assertion, ManagedTag } from './managed-tag.js';
import type { Shared } from './options.js';
import type { Peer } from './peer.js';
import type { TagMessages } from './tag-messages.js';
import type { TagStates } from './tag-states.js';
import type { TimerOwner } from './timer.js';

/**
 * Milliseconds before each command to the owner. `first` lets what others announce at the same time arrive before it; `again` is for what arrives
 * later; `last` follows an announcement, which release 4.0 may process after it.
 */
const PAUSE_MS: Readonly<Record<Assertion, number>> = { first: 50, again: 1_000, last: 100 };

/** Makes the owner of a managed tag active, and all other machines backup (G4, G5). */
export class Assertions implements TimerOwner<ManagedTag> {
  constructor(
    private readonly shared: Shared,
    private readonly states: TagStates,
    private readonly messages: TagMessages,
  ) {}

  /** Asserts the owner at once. */
  begin(managed: ManagedTag, turn: Turn): void {
    managed.assertion = 'first';
    this.due(managed, turn);
  }

  /** Asserts the owner soon, once for all events until then. */
  soon(managed: ManagedTag, turn: Turn): void {
    if (managed.assertion !== 'first') this.schedule(managed, 'first', turn);
  }

  /** Commands the owner to be active. One that is active stays so, and says nothing if it has told this service before. */
  due(managed: ManagedTag, turn: Turn): void {
    const { tag, wish, assertion, isAwaited } = managed;
    managed.assertion = null;
    const owner = this.shared.peers.of(wish.owner ?? 0);
    if (!this.shared.isActive || owner === undefined) return;
    if (assertion === 'again' && isAwaited) {
      this.messages.demote(owner, tag, turn);
      this.schedule(managed, 'last', turn);
      return;
    }
    this.messages.activate(owner, tag, turn);
    if (assertion === 'first') this.schedule(managed, 'again', turn);
  }

  stop(managed: ManagedTag): void {
    managed.assertion = null;
    this.shared.deadlines.clear(managed.assertTimer);
  }

  demoteOthers({ tag, wish }: ManagedTag, turn: Turn): void {
    for (const peer of this.shared.peers.all) if (peer.machineId !== wish.owner) this.demote(tag, peer, turn);
  }

  demote(tag: string, peer: Peer, turn: Turn): void {
    if (this.messages.demote(peer, tag, turn)) this.states.demoted(tag, peer.machineId);
  }

  private schedule(managed: ManagedTag, assertion: Assertion, turn: Turn): void {
    managed.assertion = assertion;
    this.shared.deadlines.set(managed.assertTimer, turn.now.monotonicMs + PAUSE_MS[assertion]);
  }
}
