import type { ChangeName, Changes } from '../../schemas/changes.js';

/** One thing an operator cares about, as every watcher is told it. */
export interface Change {
  /** Rises by exactly 1 over all changes of this process. */
  readonly seq: number;
  readonly method: ChangeName;
  /** The cluster it concerns; null for all of them. */
  readonly clusterId: number | null;
  /** JSON of its parameters, `seq` among them; made once for all who are told. */
  readonly json: string;
}

export type Watcher = (change: Change) => void;

/** Changes kept for those who come back, and what their JSON may hold together; the older half goes when there is more. */
const MOST_KEPT = 10_000;
const MOST_KEPT_CHARACTERS = 2 ** 23;

/**
 * The changes of the clusters, in order, and who is told of them. A watcher of one cluster is not woken by another's.
 * While nobody has ever watched, changes are only counted.
 */
export class ChangeLog {
  private readonly watchers = new Map<number | null, Set<Watcher>>();
  private kept: Change[] = [];
  private keptCharacters = 0;
  private lastSeq = 0;
  private watched = false;

  /** The `seq` of the newest change, 0 before the first. */
  get seq(): number {
    return this.lastSeq;
  }

  /** `params` is called only when somebody may want to know. */
  append<M extends ChangeName>(method: M, clusterId: number | null, params: () => Omit<Changes[M], 'seq'>): void {
    const seq = ++this.lastSeq;
    if (!this.watched) return;
    const change: Change = { seq, method, clusterId, json: JSON.stringify({ seq, ...params() }) };
    this.kept.push(change);
    this.keptCharacters += change.json.length;
    if (this.kept.length > MOST_KEPT || this.keptCharacters > MOST_KEPT_CHARACTERS) this.letGo();
    if (clusterId === null) {
      for (const watchers of this.watchers.values()) tell(watchers, change);
      return;
    }
    tell(this.watchers.get(null), change);
    tell(this.watchers.get(clusterId), change);
  }

  /** Tells of every change from now on; null: of all clusters. Answers how to stop. */
  watch(clusterId: number | null, watcher: Watcher): () => void {
    this.watched = true;
    const watchers = this.watchers.get(clusterId) ?? new Set();
    this.watchers.set(clusterId, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.watchers.delete(clusterId);
    };
  }

  /** What a watcher of this cluster was told after `seq`; null when that is no longer whole. */
  since(seq: number, clusterId: number | null): readonly Change[] | null {
    const oldest = this.kept[0]?.seq ?? this.lastSeq + 1;
    if (seq > this.lastSeq || seq < oldest - 1) return null;
    const later = this.kept.slice(seq + 1 - oldest);
    return later.filter((change) => clusterId === null || change.clusterId === null || change.clusterId === clusterId);
  }

  private letGo(): void {
    this.kept = this.kept.slice(Math.ceil(this.kept.length / 2));
    this.keptCharacters = this.kept.reduce((sum, { json }) => sum + json.length, 0);
  }
}

function tell(watchers: Iterable<Watcher> | undefined, change: Change): void {
  for (const watcher of watchers ?? []) watcher(change);
}
