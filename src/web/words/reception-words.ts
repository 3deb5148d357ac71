import type { Module } from '../state/messages.js';
import { lengthOf } from './times.js';

/** The reception of one machine by a module. */
export type ModuleMachine = Module['machines'][number];

/** `never` until the first packet. `silent_for` does not show this, because it counts from the registration. */
export function receptionState({ reception, packets }: ModuleMachine): 'receiving' | 'silent' | 'never' {
  if (packets === 0) return 'never';
  return reception === 'receiving' ? 'receiving' : 'silent';
}

const WORDS = { receiving: 'receiving', silent: 'silent', never: 'never heard' } as const;

/** `receiving`, `silent, accepted again in 4 s`, `never heard` */
export function receptionWords(machine: ModuleMachine): string {
  const now = receptionState(machine);
  return now === 'silent' ? `${WORDS.silent}${againWords(machine)}` : WORDS[now];
}

/** With the silence and the number of packets. The silence restarts after a disabled period, so it is not the time of a packet. */
export function receptionDetails(machine: ModuleMachine): string {
  const { reception, silent_for, packets } = machine;
  const next = reception === 'receiving' ? `, quiet for ${lengthOf(silent_for)}` : againWords(machine);
  if (packets === 0) return reception === 'receiving' ? WORDS.never : `${WORDS.never}${next}`;
  return `${WORDS[receptionState(machine)]}${next}, ${packets.toLocaleString()} ${packets === 1 ? 'packet' : 'packets'} in total`;
}

function againWords({ seconds_until_enabling }: ModuleMachine): string {
  return `, accepted again in ${lengthOf(seconds_until_enabling)}`;
}

/** `3 receiving, 1 silent, 196 never heard` */
export function receptionCounts(machines: readonly ModuleMachine[]): string[] {
  const counts = { receiving: 0, silent: 0, never: 0 };
  for (const machine of machines) counts[receptionState(machine)]++;
  const shown = (['receiving', 'silent', 'never'] as const).filter((one) => one === 'receiving' || counts[one] > 0);
  return shown.map((one) => `${counts[one]} ${WORDS[one]}`);
}
