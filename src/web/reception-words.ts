import type { Module } from './messages.js';
import { lengthOf } from './times.js';

/** What a module hears of one machine. */
export type Heard = Module['machines'][number];

/** `never` as long as no packet came, which `silent_for` does not say: it counts from when the module began to listen. */
export function standing({ reception, packets }: Heard): 'receiving' | 'silent' | 'never' {
  if (packets === 0) return 'never';
  return reception === 'receiving' ? 'receiving' : 'silent';
}

const WORDS = { receiving: 'receiving', silent: 'silent', never: 'never heard' } as const;

/** `receiving`, `silent, listening again in 4 s`, `never heard` */
export function receptionWords(heard: Heard): string {
  const words = WORDS[standing(heard)];
  if (heard.reception === 'receiving') return words;
  return `${words}, listening again in ${lengthOf(heard.seconds_until_enabling)}`;
}

/** The same with how long nothing has come, and how much did. After a disabled period that begins anew, so it is no time of a packet. */
export function heardWords(heard: Heard): string {
  const words = receptionWords(heard);
  if (heard.packets === 0) return words;
  const quiet = heard.reception === 'receiving' ? `, quiet for ${lengthOf(heard.silent_for)}` : '';
  return `${words}${quiet}, ${heard.packets.toLocaleString()} ${heard.packets === 1 ? 'packet' : 'packets'} in all`;
}

/** `3 receiving, 1 silent, 196 never heard` */
export function receptionCounts(machines: readonly Heard[]): string[] {
  const counts = { receiving: 0, silent: 0, never: 0 };
  for (const heard of machines) counts[standing(heard)]++;
  const told = (['receiving', 'silent', 'never'] as const).filter((one) => one === 'receiving' || counts[one] > 0);
  return told.map((one) => `${counts[one]} ${WORDS[one]}`);
}
