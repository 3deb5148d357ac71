import { type Api, Refused } from '../state/api.js';
import type { Machine } from '../state/messages.js';
import { lengthOf, localInput, timeOf } from '../words/times.js';
import { capital, nameOf, SET_DOWN } from '../words/words.js';
import type { Field, Question } from './form-dialog.js';
import { pathOf } from './table-dialogs.js';

/** How long a drain often takes, in minutes. */
const SHORTCUTS = [30, 120, 480].map((minutes) => {
  return [`In ${lengthOf(minutes * 60)}`, () => localInput(Date.now() + minutes * 60_000)] as const;
});

/** A machine's status, as the question that is asked before it is set: up, down, or down as a drain. */
export class StatusQuestions {
  /** Whether a restart forgets drains, since the database does not let the service keep them. */
  private forgets = false;

  constructor(private readonly api: Api) {}

  /** Asks whether drains outlive the service. */
  async look(): Promise<void> {
    try {
      const { in_memory = [] } = await this.api.request<{ in_memory?: readonly string[] }>('GET', 'readyz');
      this.forgets = in_memory.includes('drains');
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
    }
  }

  setUp(machine: Machine): Question {
    const name = nameOf(machine);
    const ends = machine.drain === undefined ? '' : ' Its drain ends.';
    return {
      title: `Set ${name} up?`,
      text: () => `Packets are sent to it again at once, and its tries begin at 0.${ends}`,
      action: 'Set up',
      run: () => this.setStatus(machine, { status: 'up' }),
    };
  }

  /** Down without an end is a drain as well: a plain status would last until the table is read again. */
  takeDown(machine: Machine): Question {
    const { drain, state } = machine;
    const keep = state === 'down';
    return {
      title: `${keep ? 'Keep' : 'Take'} ${nameOf(machine)} down?`,
      text: () =>
        `No packet is sent to it until someone sets it up; ${this.lasting}${drain?.until ? ' Its drain has no end any more.' : ''}`,
      fields: [reasonField(drain?.reason ?? '', `Empty: ${SET_DOWN}`)],
      action: keep ? 'Keep down' : 'Take down',
      danger: true,
      run: ({ reason = '' }) => this.setStatus(machine, { status: 'down', reason: reason.trim() || SET_DOWN }),
    };
  }

  drain(machine: Machine): Question {
    const { drain } = machine;
    const until = drain?.until ? localInput(Date.parse(drain.until)) : '';
    return {
      title: `${drain === undefined ? 'Drain' : 'Change the drain of'} ${nameOf(machine)}?`,
      text: ({ until = '' }) => {
        const end = Date.parse(until);
        if (Number.isNaN(end)) return `No packet is sent to it until someone sets it up; ${this.lasting}`;
        const now = Date.now();
        return `No packet is sent to it until ${timeOf(end, now)} (${lengthOf((end - now) / 1000)}). Then it comes up by itself.`;
      },
      fields: [
        reasonField(drain?.reason ?? '', 'Shown to everyone who looks'),
        {
          name: 'until',
          label: 'Until',
          type: 'datetime-local',
          value: until,
          hint: 'Empty: until someone sets it up',
          shortcuts: SHORTCUTS,
          attributes: { min: localInput(Date.now()) },
        },
      ],
      action: drain === undefined ? 'Drain' : 'Change drain',
      run: async ({ reason = '', until = '' }) => {
        if (reason === '' && until === '') {
          throw new Refused(400, '', [{ pointer: '/reason', detail: 'Say why, or until when' }]);
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

  private get lasting(): string {
    if (!this.forgets) return 'neither a reload nor a restart changes that.';
    return 'a reload does not change that, but a restart does: the database does not let the service keep drains.';
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
