import { NumberedModule } from './numbered-module.js';
import { PacketStream, type PacketStreamOptions } from './packet-stream.js';
import type { ReplicaProcess } from './replica-process.js';
import { ReplicaSet, type ReplicaSetOptions } from './replica-set.js';

/** Three replicas, and what a test opens at them. */
export class ThreeReplicas {
  set!: ReplicaSet;
  /** That leads at the start of the test. */
  leader!: ReplicaProcess;
  first!: ReplicaProcess;
  second!: ReplicaProcess;
  private readonly streams: PacketStream[] = [];
  private readonly modules: NumberedModule[] = [];

  async streamTo(replica: ReplicaProcess, options: PacketStreamOptions): Promise<PacketStream> {
    const stream = new PacketStream(options);
    this.streams.push(stream);
    await stream.connect(replica);
    return stream;
  }

  async register(replica: ReplicaProcess, clusterId: number): Promise<NumberedModule> {
    const module = await NumberedModule.register(replica, clusterId);
    this.modules.push(module);
    return module;
  }

  async discard(): Promise<void> {
    for (const stream of this.streams.splice(0)) stream.discard();
    for (const module of this.modules.splice(0)) await module.cut();
  }
}

/** Starts three replicas for the tests of a `describe`. Streams and modules end with their test. */
export function startThreeReplicas(options: ReplicaSetOptions): ThreeReplicas {
  const three = new ThreeReplicas();
  beforeAll(async () => {
    three.set = await ReplicaSet.start(options);
  });
  beforeEach(async () => {
    three.leader = await three.set.leader();
    [three.first, three.second] = await three.set.followers();
  });
  afterEach(() => three.discard());
  afterAll(() => three.set?.stop());
  return three;
}
