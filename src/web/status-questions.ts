import { type Api, Refused } from './api.js';
import type { Question } from './form-dialog.js';
import type { Machine } from './messages.js';
import { pathOf } from './table-questions.js';
import { lengthOf, localInput, timeOf } from './times.js';
import { capital, nameOf } from './words.js';

/** How long a drain often takes, in minutes. */
const SHORTCUTS = [30, 120, 480].map((minutes) => {
  return [`In ${lengthOf(minutes * 60)}`, () => localInput(Date.now() + minutes * 60_000)] as const;
});

/** A machine's status, as the question that is asked before it is set: up, down, or down as a drain. */
export class StatusQuestions {
  constructor(private readonly api: Api) {}

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

  takeDown(machine: Machine): Question {
    const name = nameOf(machine);
    const ends = machine.drain === undefined ? '' : ' Its drain ends: it will not come back by itself.';
    return {
      title: `Take ${name} down?`,
      text: () => `No packet is sent to it until someone sets it up.${ends}`,
      action: 'Take down',
      danger: true,
      run: () => this.setStatus(machine, { status: 'down' }),
    };
  }

  drain(machine: Machine): Question {
    const { drain } = machine;
    const until = drain?.until ? localInput(Date.parse(drain.until)) : '';
    return {
      title: `${drain === undefined ? 'Drain' : 'Change the drain of'} ${nameOf(machine)}?`,
      text: ({ until = '' }) => {
        const end = Date.parse(until);
        if (Number.isNaN(end))
          return 'No packet is sent to it until someone sets it up; a restart or a reload changes nothing of that.';
        const now = Date.now();
        return `No packet is sent to it until ${timeOf(end, now)} (${lengthOf((end - now) / 1000)}). Then it comes up by itself.`;
      },
      fields: [
        {
          name: 'reason',
          label: 'Reason',
          type: 'text',
          value: drain?.reason ?? '',
          hint: 'Shown to everyone who looks',
          attributes: { maxlength: '200' },
        },
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

  private async setStatus(machine: Machine, body: object): Promise<string> {
    const now = await this.api.request<Machine>('PUT', `${pathOf(machine)}/status`, body);
    return `${capital(nameOf(now))} is ${now.state}${now.drain === undefined ? '' : ', drained'}.`;
  }
}
