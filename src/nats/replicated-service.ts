/** What a replica needs of the service. */
export interface ReplicatedService {
  /** Everything that replicas have in common. */
  snapshot(): Buffer;
  restore(state: Buffer): void;
  lead(): Promise<void>;
  follow(): void;
  runCall(call: Buffer): Promise<Buffer>;
  /** Releases what replicas held that do not run any more. */
  releaseUnless(isAlive: (replica: string) => boolean): void;
}
