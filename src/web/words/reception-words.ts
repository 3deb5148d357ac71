import type { Module } from '../state/messages.js';
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
  const now = standing(heard);
  return now === 'silent' ? `${WORDS.silent}${againWords(heard)}` : WORDS[now];
}

/** The same with how long nothing has come, and how much did. After a disabled period that begins anew, so it is no time of a packet. */
export function heardWords(heard: Heard): string {
  const { reception, silent_for, packets } = heard;
  const next = reception === 'receiving' ? `, quiet for ${lengthOf(silent_for)}` : againWords(heard);
  if (packets === 0) return reception === 'receiving' ? WORDS.never : `${WORDS.never}${next}`;
  return `${WORDS[standing(heard)]}${next}, ${packets.toLocaleString()} ${packets === 1 ? 'packet' : 'packets'} in all`;
}

function againWords({ seconds_until_enabling }: Heard): string {
  return `, listening again in ${lengthOf(seconds_until_enabling)}`;
}

/** `3 receiving, 1 silent, 196 never heard` */
export function receptionCounts(machines: readonly Heard[]): string[] {
  const counts = { receiving: 0, silent: 0, never: 0 };
  for (const heard of machines) counts[standing(heard)]++;
  const told = (['receiving', 'silent', 'never'] as const).filter((one) => one === 'receiving' || counts[one] > 0);
  return told.map((one) => `${counts[one]} ${WORDS[one]}`);
}
