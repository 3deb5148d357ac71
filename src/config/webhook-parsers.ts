import { messageOf } from '../ground/message-of.js';
import { WEBHOOK_EVENTS, type WebhookEventType } from '../schemas/webhooks.js';
import { WebhookSecrets } from '../security/webhook-secrets.js';
import { listed } from './parsers.js';

/** One entry of CLUSTERER_WEBHOOKS. */
export interface WebhookOptions {
  readonly name: string;
  readonly url: string;
  readonly events: ReadonlySet<WebhookEventType>;
  readonly secrets: WebhookSecrets;
}

const SHAPE = 'must be `name url secret=FILE events=TYPES`';

/** Reads the entries: `;` or a line break between them. @throws Error with the faults of all entries; a URL may be secret */
export function webhooks(value: string): WebhookOptions[] {
  const entries = value.split(/[;\n]/).map((entry) => entry.trim());
  const faults: string[] = [];
  const read = entries
    .filter((entry) => entry !== '')
    .flatMap((entry, i) => {
      const [name = '', url = '', ...settings] = entry.split(/\s+/);
      const shown = /^[\w-]{1,64}$/.test(name) ? `the webhook ${name}` : `the webhook ${i + 1}`;
      const fault = (text: string): void => void faults.push(`${shown} ${text}`);
      const found = entryOf(name, url, settings, fault);
      return found === null ? [] : [found];
    });
  const names = read.map(({ name }) => name);
  for (const name of new Set(names.filter((one, i) => names.indexOf(one) !== i))) {
    faults.push(`the webhook ${name} occurs twice`);
  }
  if (faults.length > 0) throw new Error(`cannot be used: ${faults.join('; ')}`);
  return read;
}

function entryOf(
  name: string,
  url: string,
  settings: readonly string[],
  fault: (text: string) => void,
): WebhookOptions | null {
  const given = new Map(
    settings.map((setting): [string, string] => {
      const at = setting.indexOf('=');
      return at < 0 ? [setting, ''] : [setting.slice(0, at), setting.slice(at + 1)];
    }),
  );
  if (!/^[\w-]{1,64}$/.test(name)) fault(`${SHAPE}; a name is 1 to 64 letters, digits, _ and -`);
  if (!isHttp(url)) fault(`${SHAPE}; the URL must be http:// or https://, without a user and without #`);
  if (given.size < settings.length || [...given.keys()].some((key) => key !== 'secret' && key !== 'events')) {
    fault(`${SHAPE}; it may have secret= and events= once, and nothing else`);
  }
  const events = listed(given.get('events') ?? WEBHOOK_EVENTS.join());
  const known = WEBHOOK_EVENTS.filter((type) => events.includes(type));
  if (known.length !== events.length || known.length === 0) {
    fault(`must have events of ${WEBHOOK_EVENTS.join(', ')}, comma-separated`);
  }
  const secrets = secretsOf(given.get('secret') ?? '', fault);
  return secrets === null ? null : { name, url, events: new Set(known), secrets };
}

function isHttp(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, username, password, hash } = new URL(text);
  return /^https?:$/.test(protocol) && username === '' && password === '' && hash === '';
}

function secretsOf(file: string, fault: (text: string) => void): WebhookSecrets | null {
  if (file === '') {
    fault('must have secret= and the path of a file');
    return null;
  }
  try {
    return new WebhookSecrets(file);
  } catch (error) {
    fault(`names the secret file ${file}, which cannot be used: ${messageOf(error)}`);
    return null;
  }
}
