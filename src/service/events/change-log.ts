import type { ChangeName, Changes } from '../../schemas/changes.js';

/** One change that operators watch. */
export interface Change {
  /** Rises by exactly 1 over all changes of this process. */
  readonly seq: number;
  readonly method: ChangeName;
  /** The cluster it concerns; null: all of them. */
  readonly clusterId: number | null;
  /** Its parameters as JSON, `seq` included; made once for all watchers. */
  readonly json: string;
}

export type Watcher = (change: Change) => void;

/** Limits of the changes that are kept for a resume, and of their JSON together. Over the limit, the older half is dropped. */
const MOST_KEPT = 10_000;
const MOST_KEPT_CHARACTERS = 2 ** 23;

/**
 * The changes of the clusters, in order, and their watchers. A watcher of one cluster is not called for another.
 * Until the first watcher comes, changes are only counted.
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

  /** @param params called only when the change may be read */
  append<M extends ChangeName>(method: M, clusterId: number | null, params: () => Omit<Changes[M], 'seq'>): void {
    const seq = ++this.lastSeq;
    if (!this.watched) return;
    const change: Change = { seq, method, clusterId, json: JSON.stringify({ seq, ...params() }) };
    this.kept.push(change);
    this.keptCharacters += change.json.length;
    if (this.kept.length > MOST_KEPT || this.keptCharacters > MOST_KEPT_CHARACTERS) this.trim();
    if (clusterId === null) {
      for (const watchers of this.watchers.values()) notify(watchers, change);
      return;
    }
    notify(this.watchers.get(null), change);
    notify(this.watchers.get(clusterId), change);
  }

  /** Calls the watcher for every change from now on. Returns how to stop. @param clusterId null: all clusters */
  watch(clusterId: number | null, watcher: Watcher): () => void {
    this.watched = true;
    const watchers = this.watchers.get(clusterId) ?? new Set();
    this.watchers.set(clusterId, watchers.add(watcher));
    return () => {
      watchers.delete(watcher);
      if (watchers.size === 0) this.watchers.delete(clusterId);
    };
  }

  /** Returns the changes after `seq` that a watcher of this cluster gets; null when some of them are no longer kept. */
  since(seq: number, clusterId: number | null): readonly Change[] | null {
    const oldest = this.kept[0]?.seq ?? this.lastSeq + 1;
    if (seq > this.lastSeq || seq < oldest - 1) return null;
    const later = this.kept.slice(seq + 1 - oldest);
    return later.filter((change) => clusterId === null || change.clusterId === null || change.clusterId === clusterId);
  }

  private trim(): void {
    this.kept = this.kept.slice(Math.ceil(this.kept.length / 2));
    this.keptCharacters = this.kept.reduce((sum, { json }) => sum + json.length, 0);
  }
}

function notify(watchers: Iterable<Watcher> | undefined, change: Change): void {
  for (const watcher of watchers ?? []) watcher(change);
}
