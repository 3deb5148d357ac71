import { SocketClient } from '../peers/socket-client.js';
import { type Answer, CheckedRequests } from '../service/checked-requests.js';
import { processFolder, ServiceProcess } from '../service/service-process.js';

/** The built service as one of several replicas. It keeps its name over restarts, and has new ports. */
export class ReplicaProcess {
  private process: ServiceProcess | null = null;
  private addresses = { http: '', bin: '' };
  private readonly requests = new CheckedRequests(() => this.addresses.http);
  private readonly folder = processFolder();
  private readonly sockets: SocketClient[] = [];

  constructor(
    readonly name: string,
    private readonly environment: Readonly<Record<string, string>>,
  ) {}

  /** The running process. */
  get service(): ServiceProcess {
    if (this.process === null) throw new Error(`replica ${this.name} does not run`);
    return this.process;
  }

  get isRunning(): boolean {
    return this.process !== null;
  }

  /** The address of the BIN listener. */
  get bin(): { readonly ip: string; readonly port: number } {
    const [ip = '', port] = this.addresses.bin.split(':');
    return { ip, port: Number(port) };
  }

  get url(): string {
    return this.addresses.http;
  }

  /** Resolves when it listens. */
  async start(more: Readonly<Record<string, string>> = {}): Promise<void> {
    this.process = new ServiceProcess({ ...this.environment, CLUSTERER_REPLICA: this.name, ...more }, this.folder);
    this.addresses = await this.process.listening();
  }

  request(method: string, path: string, body?: unknown, headers?: Record<string, string>): Promise<Answer> {
    return this.requests.send(method, path, body, headers);
  }

  /** A socket that has received its welcome. */
  async socket(protocols?: string[]): Promise<SocketClient> {
    const client = await SocketClient.open(`${this.url.replace('http', 'ws')}/ws`, protocols);
    this.sockets.push(client);
    client.socket.on('error', () => {});
    await client.first('welcome');
    return client;
  }

  freeze(): void {
    this.service.child.kill('SIGSTOP');
  }

  thaw(): void {
    this.service.child.kill('SIGCONT');
  }

  /** Resolves with the exit code, or the signal that ended it. A stopped process handles only SIGKILL. */
  async end(signal: NodeJS.Signals = 'SIGKILL'): Promise<number | string> {
    const { service } = this;
    service.child.kill(signal);
    const code = await service.exited;
    this.process = null;
    return code;
  }

  async discard(): Promise<void> {
    for (const client of this.sockets) client.socket.terminate();
    await this.process?.discard();
    this.process = null;
  }
}
