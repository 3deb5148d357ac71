import type { OwnStores } from '../service/ports/own-stores.js';
import type { WebhookStore } from '../service/ports/webhook-store.js';
import type { WebhookSettings } from '../service/webhooks/target.js';
import { type WebhookPorts, Webhooks } from '../service/webhooks/webhooks.js';
import { HttpSender } from './http-sender.js';

/** Opens their table, and sends with Node's own HTTP client. @param own null: the own tables are unavailable */
export async function openWebhooks(
  settings: readonly WebhookSettings[],
  own: OwnStores | null,
  ports: Pick<WebhookPorts, 'clock' | 'log' | 'leadership'> & { readonly version: string },
): Promise<Webhooks> {
  const { version, ...others } = ports;
  const store = await storeOf(own, ports.log);
  ports.log.info({ webhooks: settings.map(({ name }) => name) }, 'webhooks enabled');
  return new Webhooks(settings, { ...others, sender: new HttpSender(`clusterer/${version}`), store });
}

async function storeOf(own: OwnStores | null, log: WebhookPorts['log']): Promise<WebhookStore | null> {
  const opened = (await own?.openWebhooks()) ?? { unusable: 'the own tables are unavailable' };
  if (!('unusable' in opened)) return opened;
  log.warn({ reason: opened.unusable }, 'webhook table unavailable; events that wait are lost at a restart');
  return null;
}
