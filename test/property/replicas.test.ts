import fc from 'fast-check';
import { Engine } from '../../src/domain/engine.js';
import type { Now } from '../../src/ground/now.js';
import type { LoggedCommand } from '../../src/service/log/command-log.js';
import { anyServerId, BOUNDED, timedActs } from '../support/engine/engine-acts.js';
import { Outside } from '../support/engine/outside.js';
import { entryOf } from '../support/replicas/entries.js';
import { FLEET_SETTINGS, fleetCommands, OWN } from '../support/replicas/fleet-commands.js';
import { firstDifference } from '../support/replicas/graph-difference.js';
import { Replica } from '../support/replicas/replica.js';

/** What happens to the replicas after an entry: one reads, or one starts again from the snapshot of itself or another. */
interface Fate {
  readonly reader: number;
  readonly joiner: number | null;
  readonly source: number;
}

const which = fc.nat(2);
const fate: fc.Arbitrary<Fate> = fc.record({
  reader: which,
  joiner: fc.oneof({ weight: 4, arbitrary: fc.constant(null) }, which),
  source: which,
});
const fates = fc.array(fate, { minLength: 1, maxLength: 12 });

/** Three replicas of one log. */
class Replicas {
  readonly replicas: Replica[];
  private position = 0;
  private registrations = 0;
  private now: Now = { monotonicMs: 0, unixMs: 1_000_000_000 };

  constructor(
    private readonly make: () => Replica,
    private readonly fates: readonly Fate[],
  ) {
    this.replicas = [make(), make(), make()];
  }

  get first(): Replica {
    return this.replicas[0] as Replica;
  }

  /** Lets time pass. What falls due are entries of their own. */
  pass(ms: number, clockJumpMs = 0): Now {
    this.now = { monotonicMs: this.now.monotonicMs + ms, unixMs: this.now.unixMs + ms + clockJumpMs };
    while (this.first.engine.nextDeadline <= this.now.monotonicMs) this.append({ type: 'advance', limit: 3 });
    return this.now;
  }

  append(command: LoggedCommand): void {
    // A secret id is drawn once.
    const number = command.type === 'register' ? ++this.registrations : 0;
    const numbered = command.type === 'register' ? { ...command, number } : command;
    const bytes = entryOf(numbered, ++this.position, this.now);
    const [told, ...others] = this.replicas.map((replica) => replica.take(Buffer.from(bytes)));
    expect(others).toEqual([told, told]);
    this.meet(this.fates[this.position % this.fates.length] as Fate);
  }

  private meet({ reader, joiner, source }: Fate): void {
    (this.replicas[reader] as Replica).read();
    if (joiner === null) return;
    const original = this.replicas[source] as Replica;
    const restored = this.make().restored(original.snapshot());
    expect(firstDifference(original.engine, restored.engine)).toBeNull();
    this.replicas[joiner] = restored;
    this.compare();
  }

  compare(): void {
    expect(new Set(this.replicas.map(({ digest }) => digest)).size).toBe(1);
  }
}

describe('replicas that apply the entries of one log', () => {
  it('have the same effects, seqs and digests, also after a join from a snapshot', () => {
    fc.assert(
      fc.property(anyServerId, timedActs, fates, (serverId, acts, fates) => {
        const replicas = new Replicas(() => new Replica(serverId), fates);
        // It decides what comes next, and is no replica.
        const engine = new Engine(serverId);
        const outside = new Outside(engine);
        for (const { afterMs, clockJumpMs, act } of acts) {
          const now = replicas.pass(afterMs, clockJumpMs);
          engine.advance(now, []);
          for (const command of outside.commandsOf(act)) {
            outside.apply(command, now, []);
            replicas.append(command);
          }
        }
        replicas.compare();
      }),
      { ...BOUNDED, numRuns: 25 },
    );
  });

  it('do so in clusters of dialect 2.4 too', () => {
    fc.assert(
      fc.property(fleetCommands, fates, (commands, fates) => {
        const replicas = new Replicas(() => new Replica(OWN, FLEET_SETTINGS), fates);
        for (const { afterMs, command } of commands) {
          replicas.pass(afterMs);
          replicas.append(command);
        }
        replicas.compare();
      }),
      { ...BOUNDED, numRuns: 15 },
    );
  });
});
