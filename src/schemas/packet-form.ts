import type { FieldFault } from '../ground/errors.js';

/** The fields of a packet to send that depend on each other. */
interface Form {
  readonly packet_type?: unknown;
  readonly payload?: unknown;
  readonly name?: unknown;
  readonly fields?: unknown;
}

/** A packet is bytes, or a name and fields. Returns the fields that are missing, and those that do not belong together. */
export function formFaults({ packet_type, payload, name, fields }: Form): FieldFault[] {
  if (name === undefined && fields === undefined) {
    if (packet_type !== undefined) return [];
    return [{ pointer: '/packet_type', detail: 'is required, unless name and fields are given' }];
  }
  const faults: FieldFault[] = [];
  if (name === undefined) faults.push({ pointer: '/name', detail: 'is required with fields' });
  if (fields === undefined) faults.push({ pointer: '/fields', detail: 'is required with name' });
  for (const [field, value] of Object.entries({ packet_type, payload })) {
    if (value !== undefined) faults.push({ pointer: `/${field}`, detail: 'cannot be given with name and fields' });
  }
  return faults;
}
