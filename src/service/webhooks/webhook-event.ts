import type { Machine } from '../../domain/machine.js';
import type { MachineView } from '../../schemas/machine.js';
import type { WebhookData, WebhookEventType } from '../../schemas/webhooks.js';
import { nodeStateChange, receptionChange, tagChange } from '../events/change-params.js';
import { byField, type Event } from '../events/event.js';
import { drainView } from '../views/drain-view.js';

export interface WebhookEvent {
  /** Events of one subject are delivered in order. */
  readonly subject: string;
  readonly data: WebhookData;
}

export type ReportedEvent = Event & { readonly kind: WebhookEventType };

/** What webhooks are told of an event. */
export function webhookEvent(event: ReportedEvent, view: (machine: Machine) => MachineView): WebhookEvent {
  switch (event.kind) {
    case 'node_state':
      return { subject: ofMachine(event), data: nodeStateChange(event, view) };
    case 'reception':
      return { subject: ofMachine(event), data: receptionChange(event) };
    // Its machine changes, so the tag is the subject.
    case 'tag':
      return { subject: `${event.cluster_id}/tag ${event.tag}`, data: tagChange(event) };
    case 'drain': {
      const { cluster_id, machine_id, from, to, cause, by } = event;
      const drains = { from: from && drainView(from), to: to && drainView(to) };
      return { subject: ofMachine(event), data: { cluster_id, machine_id, ...drains, cause, ...byField(by) } };
    }
  }
}

function ofMachine({ cluster_id, machine_id }: { readonly cluster_id: number; readonly machine_id: number }): string {
  return `${cluster_id}/${machine_id}`;
}
