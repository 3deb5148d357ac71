import type { Module } from './messages.js';
import { Rates } from './rates.js';

/** The packets per second of each registration, and of each machine that it hears. They are kept in the page only. */
export class PacketRates {
  private registrations = new Map<number, { readonly all: Rates; readonly machines: Rates }>();

  /** Takes readings of the registrations, and forgets those that have ended. @param at when they were read, in Unix milliseconds */
  measured(modules: readonly Module[], at: number): void {
    const before = this.registrations;
    this.registrations = new Map();
    for (const { number, packets, machines } of modules) {
      const rates = before.get(number) ?? { all: new Rates(), machines: new Rates() };
      rates.all.read(number, packets, at);
      for (const machine of machines) rates.machines.read(machine.machine_id, machine.packets, at);
      this.registrations.set(number, rates);
    }
  }

  /** The latest rates of a registration, oldest first. */
  of(number: number): readonly number[] {
    return this.registrations.get(number)?.all.latest(number) ?? [];
  }

  /** The latest rates of a machine for a registration, oldest first. */
  ofMachine(number: number, machineId: number): readonly number[] {
    return this.registrations.get(number)?.machines.latest(machineId) ?? [];
  }

  /** The connection was lost, so rates over the gap would be wrong. */
  interrupted(): void {
    this.registrations.clear();
  }
}
