import { type Api, ApiError } from '../state/api.js';
import type { Machine } from '../state/messages.js';
import { lengthOf, localInput, timeOf } from '../words/times.js';
import { capital, nameOf, SET_DOWN } from '../words/words.js';
import type { Action, Field } from './form-dialog.js';
import { pathOf } from './table-dialogs.js';

/** Common lengths of a drain, in minutes. */
const SHORTCUTS = [30, 120, 480].map((minutes) => {
  return [`In ${lengthOf(minutes * 60)}`, () => localInput(Date.now() + minutes * 60_000)] as const;
});

/** The actions that set a machine's status: up, down, or down as a drain. */
export class StatusDialogs {
  /** Whether a restart loses drains, because the database does not let the service store them. */
  private drainsInMemory = false;

  constructor(private readonly api: Api) {}

  /** Reads whether drains are kept over a restart. */
  async readDurability(): Promise<void> {
    try {
      const { in_memory = [] } = await this.api.request<{ in_memory?: readonly string[] }>('GET', 'readyz');
      this.drainsInMemory = in_memory.includes('drains');
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
  }

  setUp(machine: Machine): Action {
    const name = nameOf(machine);
    const ends = machine.drain === undefined ? '' : ' Its drain ends.';
    return {
      title: `Set ${name} up?`,
      text: () => `Packets are sent to it again at once, and its tries are reset to 0.${ends}`,
      label: 'Set up',
      run: () => this.setStatus(machine, { status: 'up' }),
    };
  }

  /** Down without an end is a drain too, because the next reload could undo a plain status. */
  takeDown(machine: Machine): Action {
    const { drain, state } = machine;
    const keep = state === 'down';
    return {
      title: `${keep ? 'Keep' : 'Take'} ${nameOf(machine)} down?`,
      text: () =>
        `No packets are sent to it until someone sets it up. ${this.durability}${drain?.until ? ' Its drain no longer ends by itself.' : ''}`,
      fields: [reasonField(drain?.reason ?? '', `Default: ${SET_DOWN}`)],
      label: keep ? 'Keep down' : 'Take down',
      danger: true,
      run: ({ reason = '' }) => this.setStatus(machine, { status: 'down', reason: reason.trim() || SET_DOWN }),
    };
  }

  drain(machine: Machine): Action {
    const { drain } = machine;
    const until = drain?.until ? localInput(Date.parse(drain.until)) : '';
    return {
      title: `${drain === undefined ? 'Drain' : 'Change the drain of'} ${nameOf(machine)}?`,
      text: ({ until = '' }) => {
        const end = Date.parse(until);
        if (Number.isNaN(end)) return `No packets are sent to it until someone sets it up. ${this.durability}`;
        const now = Date.now();
        return `No packets are sent to it until ${timeOf(end, now)} (${lengthOf((end - now) / 1000)}). Then it is up again.`;
      },
      fields: [
        reasonField(drain?.reason ?? '', 'Shown with the machine'),
        {
          name: 'until',
          label: 'Until',
          type: 'datetime-local',
          value: until,
          hint: 'Without an end: until someone sets it up',
          shortcuts: SHORTCUTS,
          attributes: { min: localInput(Date.now()) },
        },
      ],
      label: drain === undefined ? 'Drain' : 'Change drain',
      run: async ({ reason = '', until = '' }) => {
        if (reason === '' && until === '') {
          throw new ApiError(400, '', [{ pointer: '/reason', detail: 'Enter a reason or an end' }]);
        }
        const body = {
          status: 'down',
          ...(reason !== '' && { reason }),
          ...(until !== '' && { until: new Date(until).toISOString() }),
        };
        return this.setStatus(machine, body);
      },
    };
  }

  private get durability(): string {
    if (!this.drainsInMemory) return 'Reloads and restarts do not change that.';
    return 'A reload does not change that, but a restart does: the database does not let the service store drains.';
  }

  private async setStatus(machine: Machine, body: object): Promise<string> {
    const now = await this.api.request<Machine>('PUT', `${pathOf(machine)}/status`, body);
    const drained = now.drain !== undefined && now.drain.reason !== SET_DOWN;
    return `${capital(nameOf(now))} is ${now.state}${drained ? ', drained' : ''}.`;
  }
}

function reasonField(value: string, hint: string): Field {
  return { name: 'reason', label: 'Reason', type: 'text', value, hint, attributes: { maxlength: '200' } };
}
