import { once } from 'node:events';
import { Worker } from 'node:worker_threads';

type Act = 'join' | 'freeze' | 'cut';

/** Between a client and its server of NATS. A test can cut it, join it again at the same port, or freeze it until the cut. */
export class NatsCable {
  private constructor(private readonly worker: Worker) {}

  /** @param port of the server */
  static to(port: number): NatsCable {
    const worker = new Worker(`${__dirname}/cable-worker.mjs`, { workerData: { target: port } });
    return new NatsCable(worker);
  }

  /** @returns the address that leads through it */
  async join(): Promise<string> {
    return `127.0.0.1:${await this.act('join')}`;
  }

  /** Forwards nothing more and closes nothing. */
  async freeze(): Promise<void> {
    await this.act('freeze');
  }

  /** Closes every connection, and refuses new ones. */
  async cut(): Promise<void> {
    await this.act('cut');
  }

  async discard(): Promise<void> {
    await this.worker.terminate();
  }

  private async act(act: Act): Promise<number> {
    const done = once(this.worker, 'message');
    this.worker.postMessage(act);
    const [port] = await done;
    return port as number;
  }
}
