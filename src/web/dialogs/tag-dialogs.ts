import type { TagView } from '../../schemas/tags.js';
import { idsWords } from '../fleet/fleet-words.js';
import type { Api } from '../state/api.js';
import type { Machine } from '../state/messages.js';
import { capital, nameOf } from '../words/words.js';
import type { Action } from './form-dialog.js';

/** The action that moves a sharing tag. */
export class TagDialogs {
  constructor(private readonly api: Api) {}

  /** @param machines those of the cluster */
  move(machine: Machine, moved: TagView, machines: readonly Machine[]): Action {
    const { cluster_id, machine_id } = machine;
    const { tag, managed } = moved;
    const others = machines.filter((one) => one.machine_id !== machine_id);
    const body = tagBody(moved, machine_id);
    const [heard, unheard] = [true, false].map((isHeard) =>
      others.filter((one) => (one.next_hop !== null) === isHeard),
    );
    return {
      title: `Make ${nameOf(machine)} active for ${tag}?`,
      text: () =>
        [
          `Machine ${machine_id} becomes active for ${tag}.`,
          backupWords(heard, ''),
          backupWords(unheard, ' when reached again'),
          managed ? '' : 'From now on the service keeps it so: it makes a machine backup that comes back as active.',
          machine.next_hop === null ? 'No machine reaches it now, so it may not confirm this.' : '',
          body.failover.length === 0 ? '' : `If it is lost, the tag goes to machine ${body.failover.join(', then ')}.`,
          'Calls continue. What a machine does by itself for this tag moves: pings of clients, time-outs of calls, probes of gateways, registrations with providers. For a moment two machines or none may do it.',
          'An IP address that belongs to the tag does not move with it.',
        ]
          .filter((sentence) => sentence !== '')
          .join(' '),
      label: 'Make active',
      run: async () => {
        await this.api.request<TagView>('PUT', `clusters/${cluster_id}/tags/${encodeURIComponent(tag)}`, body);
        return `${capital(nameOf(machine))} is active for ${tag}.`;
      },
    };
  }
}

function backupWords(machines: readonly Machine[] = [], when: string): string {
  if (machines.length === 0) return '';
  const ids = idsWords(machines.map(({ machine_id }) => machine_id));
  return machines.length === 1 ? `Machine ${ids} becomes backup${when}.` : `Machines ${ids} become backup${when}.`;
}

/** Keeps the failover of a tag that gets another owner. The owner before takes the place of the new one in it. */
export function tagBody({ owner: before, failover, after_seconds, managed }: TagView, owner: number) {
  const next = failover.map((id) => (id === owner ? before : id)).filter((id) => id !== null);
  return { owner, failover: managed ? next : [], ...(after_seconds !== null && { after_seconds }) };
}
