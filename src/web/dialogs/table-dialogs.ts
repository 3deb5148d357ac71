import type { Api } from '../state/api.js';
import type { Machine } from '../state/messages.js';
import { reloadWords } from '../words/change-words.js';
import { capital, nameOf } from '../words/words.js';
import type { Action, Field, Values } from './form-dialog.js';

/** Seconds that the dialog proposes; the default of the service, too. */
const DEFAULT_DURATION = '30';

/** The actions that change or reload the table. */
export class TableDialogs {
  constructor(private readonly api: Api) {}

  reload(): Action {
    return {
      title: 'Reload the table?',
      text: () =>
        'Changes that other programs made in the table are loaded. Without persistent mode, states that were set here since the last load are lost. Drains stay.',
      label: 'Reload',
      run: async () => reloadWords(await this.api.request('POST', 'reload')),
    };
  }

  add(clusterId: string): Action {
    return {
      title: 'Add a machine?',
      text: ({ cluster_id, machine_id, state }) => {
        if (cluster_id === '' || machine_id === '') return 'It is added to the table.';
        const then = state === 'down' ? 'It stays down until someone sets it up.' : 'Packets are sent to it at once.';
        return `Machine ${machine_id} of cluster ${cluster_id} is added to the table. ${then}`;
      },
      fields: [
        { name: 'cluster_id', label: 'Cluster', type: 'number', value: clusterId, attributes: { min: '1' } },
        { name: 'machine_id', label: 'Machine', type: 'number', attributes: { min: '1' } },
        {
          name: 'url',
          label: 'Address',
          type: 'text',
          value: 'bin:',
          hint: 'protocol:host:port, such as bin:10.0.0.7:5555',
          attributes: { spellcheck: 'false' },
        },
        ...limits('3', DEFAULT_DURATION, ''),
        {
          name: 'state',
          label: 'State',
          type: 'select',
          options: [
            ['up', 'Up'],
            ['down', 'Down'],
          ],
          value: 'up',
        },
      ],
      label: 'Add machine',
      run: async (values) => {
        const { cluster_id = '', machine_id = '', state } = values;
        const body = { machine_id: numberOf(machine_id), state, ...provisioned(values, DEFAULT_DURATION) };
        const machine = await this.api.request<Machine>(
          'POST',
          `clusters/${encodeURIComponent(cluster_id || '0')}/machines`,
          body,
        );
        return `${capital(nameOf(machine))} was added.`;
      },
    };
  }

  change(machine: Machine): Action {
    const { url, failed_attempts, duration, description } = machine;
    return {
      title: `Change ${nameOf(machine)}?`,
      text: (values) => {
        if (values.url === url) return 'Its row in the table is updated. Its state does not change.';
        return 'Its row in the table is updated. Because of the new address, its connection is closed, and its tries and a temporary disabling are cleared.';
      },
      fields: [
        {
          name: 'url',
          label: 'Address',
          type: 'text',
          value: url,
          hint: 'protocol:host:port, such as bin:10.0.0.7:5555',
          attributes: { spellcheck: 'false' },
        },
        ...limits(String(failed_attempts), String(duration), description ?? ''),
      ],
      label: 'Change',
      run: async (values) => {
        await this.api.request('PUT', pathOf(machine), provisioned(values, String(duration)));
        return `${capital(nameOf(machine))} was changed.`;
      },
    };
  }

  remove(machine: Machine): Action {
    return {
      title: `Remove ${nameOf(machine)}?`,
      text: () =>
        `Its row (${machine.url}) is deleted from the table, and its connection is closed. This cannot be undone.`,
      label: 'Remove',
      danger: true,
      run: async () => {
        await this.api.request('DELETE', pathOf(machine));
        return `${capital(nameOf(machine))} was removed.`;
      },
    };
  }
}

/** The path of a machine, relative to the page. */
export function pathOf({ cluster_id, machine_id }: Machine): string {
  return `clusters/${cluster_id}/machines/${machine_id}`;
}

function limits(failedAttempts: string, duration: string, description: string): Field[] {
  return [
    {
      name: 'failed_attempts',
      label: 'Failed attempts',
      type: 'number',
      value: failedAttempts,
      hint: 'Failures in a row that disable it; 0: never',
    },
    { name: 'duration', label: 'Seconds disabled', type: 'number', value: duration, hint: 'Time until it is up again' },
    { name: 'description', label: 'Description', type: 'text', value: description, attributes: { maxlength: '64' } },
  ];
}

/** The provisioned fields. The service validates them. A duration as before is left out: tables of OpenSIPS 2.4 and later have none. */
function provisioned(values: Values, durationBefore: string): object {
  const { url, failed_attempts = '', duration = '', description = '' } = values;
  return {
    url,
    failed_attempts: numberOf(failed_attempts),
    ...(duration !== durationBefore && { duration: numberOf(duration) }),
    description: description === '' ? null : description,
  };
}

/** Returns text that is not a number unchanged, so that the service names the field. */
function numberOf(text: string): number | string {
  return text === '' || Number.isNaN(Number(text)) ? text : Number(text);
}
