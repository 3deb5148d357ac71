/** The modules of OpenSIPS 2.2 and the capabilities that replicate the same things in dialect 2.4. */
const SUCCESSORS: ReadonlyMap<string, string> = new Map([
  ['ul', 'usrloc-contact-repl'],
  ['dialog', 'dialog-dlg-repl'],
  ['ratelimit', 'ratelimit-pipe-repl'],
]);

const PREDECESSORS = new Map([...SUCCESSORS].map(([module, capability]) => [capability, module]));

/** The capability that a module's name means in dialect 2.4: its own, or that of its successor. */
export function capabilityOf(module: string): string {
  return SUCCESSORS.get(module) ?? module;
}

/** The name in 2.2 that means this capability too; undefined for most. */
export function moduleOf(capability: string): string | undefined {
  return PREDECESSORS.get(capability);
}
