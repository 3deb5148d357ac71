import type { Machine } from './messages.js';

/**
 * Returns a function that tells whether a machine matches all words of a search. `1/7` is machine 7 of cluster 1, `cluster 3` and
 * `machine 7` are those numbers; other words may be anywhere in what is shown of the machine.
 */
export function searchOf(text: string): (machine: Machine) => boolean {
  const terms = text.toLowerCase().match(/\b(?:cluster|machine)\s+\d+(?!\S)|\S+/g) ?? [];
  const tests = terms.map(testOf);
  return (machine) => tests.every((test) => test(machine));
}

function testOf(term: string): (machine: Machine) => boolean {
  const key = /^(\d+)\/(\d+)$/.exec(term);
  if (key !== null) return (one) => one.cluster_id === Number(key[1]) && one.machine_id === Number(key[2]);
  const [word, number] = term.split(/\s+/);
  if (number !== undefined) {
    return (one) => (word === 'cluster' ? one.cluster_id : one.machine_id) === Number(number);
  }
  return ({ machine_id, description, url, address, drain, disabled_for }) => {
    const shown = [`machine ${machine_id}`, description, url, address, drain?.reason, ...disabled_for];
    return shown.some((one) => one?.toLowerCase().includes(term));
  };
}
