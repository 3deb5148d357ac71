import type { Expected } from '../../domain/version.js';
import type { Actor } from '../actor.js';
import {
  duplicate,
  needsUrl,
  ownState,
  unknownCluster,
  unknownMachine,
  unusable,
  withoutRow,
} from '../views/errors.js';
import type { MachineFields, Provisioned } from '../views/provisioned.js';
import { checkExpected, type VersionedMachine, versioned } from '../views/versioned.js';
import { type EditParts, MachineEdit } from './machine-edit.js';

/** Creates, changes and removes machines: in the table first, then in memory. When the table refuses, nothing changes. Urls are valid ones. */
export class Provisioner {
  constructor(private readonly parts: EditParts) {}

  /** @throws `duplicate_machine`, `not_a_member`, `too_many_machines`, `invalid_input`, `database_unavailable` */
  create(
    clusterId: number,
    machineId: number,
    fields: MachineFields & { readonly url: string },
    actor: Actor,
  ): Promise<VersionedMachine> {
    return this.parts.queue.ask(async () => {
      const edit = new MachineEdit(this.parts, clusterId, machineId, actor);
      if (edit.hasRow) throw duplicate(clusterId, machineId);
      const created = await edit.insert(fields);
      if (created === 'duplicate') throw duplicate(clusterId, machineId);
      return this.versioned(created);
    });
  }

  /** Creates the machine, or changes the named fields. @throws as `create`, and `invalid_input` for a new one without a url */
  put(
    clusterId: number,
    machineId: number,
    fields: MachineFields,
    expected: Expected | null,
    actor: Actor,
  ): Promise<VersionedMachine & { readonly created: boolean }> {
    return this.parts.queue.ask(async () => {
      const edit = new MachineEdit(this.parts, clusterId, machineId, actor);
      if (edit.isOwn && fields.state !== undefined) throw ownState();
      checkExpected(expected, edit.current, this.parts.clock.now());
      const changed = await edit.change(fields);
      if (changed !== null) return { created: false, ...this.versioned(changed) };
      const { url } = fields;
      if (url === undefined) throw needsUrl();
      const created = await edit.insert({ ...fields, url });
      if (created !== 'duplicate') return { created: true, ...this.versioned(created) };
      // Another program has written that row since the last load: read it, then change it.
      await edit.loadCluster();
      const found = await edit.change(fields);
      if (found === null) throw unusable(clusterId, machineId);
      return { created: false, ...this.versioned(found) };
    });
  }

  /** @throws `unknown_cluster`, `unknown_machine`, `database_unavailable` */
  remove(clusterId: number, machineId: number, expected: Expected | null, actor: Actor): Promise<void> {
    return this.parts.queue.ask(async () => {
      if (this.parts.loop.engine.table.cluster(clusterId) === undefined) throw unknownCluster(clusterId);
      const edit = new MachineEdit(this.parts, clusterId, machineId, actor);
      const { current } = edit;
      if (current === null) throw unknownMachine(clusterId, machineId);
      checkExpected(expected, current, this.parts.clock.now());
      if (!edit.hasRow) throw withoutRow(clusterId, machineId);
      await edit.remove(current);
    });
  }

  private versioned(machine: Provisioned): VersionedMachine {
    return versioned(machine, this.parts.clock.now());
  }

  /** Resolves when everything in the table queue is done. */
  settled(): Promise<void> {
    return this.parts.queue.run(async () => undefined);
  }
}
