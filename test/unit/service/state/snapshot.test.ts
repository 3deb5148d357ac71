import { createHash } from 'node:crypto';
import fc from 'fast-check';
import { ENGINE_CLASSES } from '../../../../src/service/state/engine-classes.js';
import { COLUMNS } from '../../../../src/service/state/reception-columns.js';
import { SHAPE } from '../../../../src/service/state/snapshot.js';
import { entryOf } from '../../../support/replicas/entries.js';
import { FLEET_SETTINGS, fleetCommands, OWN } from '../../../support/replicas/fleet-commands.js';
import { Replica } from '../../../support/replicas/replica.js';
import { loadedMachine } from '../../../support/tables/rows.js';

/** The classes and records of the states that these commands lead to, each with its fields. */
function shapesOfLongRuns(): Set<string> {
  const shapes = new Set<string>([COLUMNS.join(' ')]);
  for (const commands of fc.sample(fleetCommands, { seed: 1, numRuns: 40 })) {
    const replica = new Replica(OWN, FLEET_SETTINGS);
    let monotonicMs = 0;
    for (const [index, { afterMs, command }] of commands.entries()) {
      monotonicMs += afterMs;
      replica.take(entryOf(command, index + 1, { monotonicMs, unixMs: 1_000_000_000 + monotonicMs }));
      for (const shape of replica.shape) shapes.add(shape);
    }
  }
  return shapes;
}

/** A replica with one machine and one registration. */
function small(): Replica {
  const replica = new Replica(OWN);
  const now = { monotonicMs: 0, unixMs: 1_000_000_000 };
  const request = { module: 'ul', protocol: 'bin', clusterId: 1, timeoutMs: 3_000, authCheck: false };
  replica.take(entryOf({ type: 'load', machines: [loadedMachine()], keepChanged: true }, 1, now));
  replica.take(entryOf({ type: 'register', number: 1, request }, 2, now));
  return replica;
}

describe('the state of long runs', () => {
  const shapes = shapesOfLongRuns();

  it('has every class of the list, and no other', () => {
    const classes = [...shapes].filter((shape) => shape.includes(':')).map((shape) => shape.split(':')[0]);
    expect(classes.sort()).toEqual([...ENGINE_CLASSES.byName.keys()].sort());
  });

  it('has the shape that snapshots name; if this fails, change SHAPE: earlier releases cannot read the snapshots of this one', () => {
    const shape = createHash('sha256')
      .update([...shapes].sort().join('\n'))
      .digest('hex')
      .slice(0, 12);
    expect(SHAPE).toBe(shape);
  });
});

describe('a snapshot', () => {
  it('of another release is rejected by its shape, and nothing of it is taken', () => {
    const other = Buffer.from(small().snapshot().toString('latin1').replace(SHAPE, 'abcdefabcdef'), 'latin1');
    const replica = new Replica(OWN);
    const { digest } = replica;
    expect(() => replica.restored(other)).toThrow(
      `The snapshot has the shape abcdefabcdef; this release reads ${SHAPE}.`,
    );
    expect(replica.digest).toBe(digest);
  });

  it('that is cut off anywhere is rejected', () => {
    const bytes = small().snapshot();
    for (let length = 0; length < bytes.length; length += 7) {
      expect(() => new Replica(OWN).restored(bytes.subarray(0, length))).toThrow('The bytes of a state are cut off.');
    }
  });

  it('cannot be taken of a function or of a class that is not in the list', () => {
    class Later {}
    const replica = new Replica(OWN);
    Object.assign(replica.engine, { loading: () => {} });
    expect(() => replica.snapshot()).toThrow('Engine.loading holds a function. A snapshot cannot hold that.');
    Object.assign(replica.engine, { loading: new Later() });
    expect(() => replica.snapshot()).toThrow('Engine.loading holds an instance of Later');
  });
});
