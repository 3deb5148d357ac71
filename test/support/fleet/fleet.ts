import { type MachineOptions, SimulatedMachine } from './node.js';

const running: SimulatedMachine[] = [];

/** Call once at the top of a test file. */
export function endFleetAfterEach(): void {
  afterEach(async () => {
    await Promise.all(running.splice(0).map((machine) => machine.kill()));
  });
}

/** A machine that is ended after the test. It does not run yet. */
export function machineOf(options: MachineOptions): SimulatedMachine {
  const machine = new SimulatedMachine(options);
  running.push(machine);
  return machine;
}

/**
 * Starts machines that all have a row of each other, and of `others`, as after a provisioning of the whole fleet. Each `host` is used by one
 * machine only.
 */
export async function startFleet(
  machines: readonly MachineOptions[],
  others: readonly { readonly id: number; readonly url: string }[] = [],
): Promise<SimulatedMachine[]> {
  const fleet = machines.map(machineOf);
  for (const machine of fleet) await machine.start();
  for (const machine of fleet) for (const row of [...fleet, ...others]) machine.know(row);
  return fleet;
}

/** Resolves when every machine has a link to every other that `among` names. */
export async function allLinked(fleet: readonly SimulatedMachine[], among = fleet.map(({ id }) => id)): Promise<void> {
  await Promise.all(
    fleet.map((machine) => machine.until(() => among.every((id) => id === machine.id || machine.links.isUp(id)))),
  );
}
