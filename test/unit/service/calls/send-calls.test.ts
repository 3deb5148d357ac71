import { Engine } from '../../../../src/domain/engine.js';
import { SendCalls } from '../../../../src/service/calls/send-calls.js';
import { EngineLoop } from '../../../../src/service/engine-loop.js';
import { Statistics } from '../../../../src/service/events/statistics.js';
import type { SendError, SendTarget } from '../../../../src/service/ports/sender.js';
import { FakeClock } from '../../../support/engine/fake-clock.js';
import { loadedMachine } from '../../../support/tables/rows.js';

const MACHINES = 100;

/** A hundred machines, and a sender that takes a millisecond for each, so that a packet to all does not fit into a slice. */
function slowSender() {
  const clock = new FakeClock();
  const loop = new EngineLoop(new Engine(0), clock, () => undefined);
  const machines = Array.from({ length: MACHINES }, (_, i) => loadedMachine({ machineId: i + 1 }));
  loop.apply({ type: 'load', machines, keepChanged: false });
  const sent: string[] = [];
  const send = (target: SendTarget, frame: Buffer, done: (error: SendError | null) => void) => {
    clock.spend(1);
    sent.push(`${target.machineId} ${target.host} ${frame.at(-1)}`);
    setImmediate(done, null);
  };
  const quiet = () => undefined;
  const log = { debug: quiet, info: quiet, warn: quiet, error: quiet };
  const sender = { send, disconnect: quiet, close: async () => undefined };
  const calls = new SendCalls(loop, { sender, clock, log }, { decode: true, serverId: 0 }, new Statistics());
  const packet = (last: number) => {
    return calls.send(1, { module: 'ul', packetType: 1, version: 1, protocol: 'bin', payload: Uint8Array.of(last) });
  };
  return { loop, machines, sent, packet };
}

describe('a packet to more machines than fit into a slice', () => {
  it('goes to each in order, and a later packet does not overtake it', async () => {
    const { sent, packet } = slowSender();
    const both = [packet(1), packet(2)];
    expect(sent.length).toBeLessThan(MACHINES);
    const [first, second] = await Promise.all(both);
    const ids = Array.from({ length: MACHINES }, (_, i) => i + 1);
    expect(first).toEqual(ids.map((machine_id) => ({ machine_id, sent: true })));
    expect(second).toEqual(first);
    expect(sent).toEqual([1, 2].flatMap((last) => ids.map((id) => `${id} 10.0.1.${id} ${last}`)));
  });

  it('does not go to a machine that is removed or moved before its turn', async () => {
    const { loop, sent, packet } = slowSender();
    const results = packet(1);
    loop.apply({ type: 'remove_machine', clusterId: 1, machineId: 99 });
    loop.apply({ type: 'put_machine', machine: loadedMachine({ machineId: 100, host: '10.9.0.1' }), status: null });
    expect((await results).slice(97)).toEqual([
      { machine_id: 98, sent: true },
      { machine_id: 99, sent: false, error: 'reset' },
      { machine_id: 100, sent: false, error: 'reset' },
    ]);
    expect(sent).toHaveLength(98);
    expect(loop.engine.table.cell(1, 100)?.machine.noTries).toBe(0);
  });
});
