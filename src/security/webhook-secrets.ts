import { createHmac } from 'node:crypto';
import type { Log } from '../ground/ports.js';
import { FileWatcher } from './file-watcher.js';
import { readText, readTextSync } from './text-file.js';

const PREFIX = 'whsec_';

/** As Standard Webhooks has them. */
const LEAST_BYTES = 24;
const MOST_BYTES = 64;

/** Each one makes a signature of its own. */
const MOST_SECRETS = 4;

/** The secrets of a webhook, one a line of their file. With two of them a receiver can change from one to the other without a gap. */
export class WebhookSecrets {
  private keys: readonly Buffer[];

  /** @throws Error that says what is wrong, never with a secret */
  constructor(readonly file: string) {
    this.keys = keysIn(readTextSync(file));
  }

  /** Takes the secrets of a new text. Returns whether they differ. @throws Error, and keeps the previous ones */
  replace(text: string): boolean {
    const keys = keysIn(text);
    const isSame = keys.length === this.keys.length && keys.every((key, i) => this.keys[i]?.equals(key));
    this.keys = keys;
    return !isSame;
  }

  /**
   * Returns the header `webhook-signature` of Standard Webhooks: a signature for each secret.
   * @param timestamp unix seconds of the attempt
   */
  sign(id: string, timestamp: number, body: string): string {
    const signed = `${id}.${timestamp}.${body}`;
    return this.keys.map((key) => `v1,${createHmac('sha256', key).update(signed).digest('base64')}`).join(' ');
  }
}

/** Keeps the secrets equal to their file. While the file cannot be used, the previous secrets stay in force. */
export function watchWebhookSecrets(secrets: WebhookSecrets, log: Log): FileWatcher {
  const { file } = secrets;
  const handlers = {
    apply: (texts: readonly string[]) => {
      if (texts.some((text) => secrets.replace(text))) log.info({ file }, 'webhook secrets reloaded');
    },
    failed: (reason: string) =>
      log.error({ file, reason }, 'webhook secret file unusable; keeping the previous secrets'),
  };
  const watcher = new FileWatcher([file], handlers, readText);
  watcher.start();
  return watcher;
}

function keysIn(text: string): Buffer[] {
  const lines = text.split('\n').map((line) => line.trim());
  const secrets = lines.filter((line) => line !== '' && !line.startsWith('#'));
  if (secrets.length === 0) throw new Error('it has no secret');
  if (secrets.length > MOST_SECRETS) throw new Error(`it has more than ${MOST_SECRETS} secrets`);
  return secrets.map(keyOf);
}

function keyOf(secret: string): Buffer {
  const encoded = secret.slice(PREFIX.length);
  const key = Buffer.from(encoded, 'base64');
  const isBase64 = key.toString('base64').replace(/=+$/, '') === encoded.replace(/=+$/, '');
  if (!secret.startsWith(PREFIX) || !isBase64 || key.length < LEAST_BYTES || key.length > MOST_BYTES) {
    throw new Error(`a secret is ${PREFIX} and the base64 of ${LEAST_BYTES} to ${MOST_BYTES} random bytes`);
  }
  return key;
}
