import type { FieldFault } from '../../ground/errors.js';
import { RULE, type Rule } from '../../schemas/common.js';
import { MachineBody, NewMachineBody } from '../../schemas/machine.js';
import { parseMachineUrl } from '../../wire/machine-url.js';

/** JSON Schema cannot describe a url, so it is read beside the other fields. */
const urlFaults: Rule = ({ url }): FieldFault[] => {
  const parsed = typeof url === 'string' ? parseMachineUrl(url) : null;
  return parsed !== null && 'fault' in parsed ? [{ pointer: '/url', detail: parsed.fault }] : [];
};

export const CreationBody = { ...NewMachineBody, [RULE]: urlFaults };
export const ChangeBody = { ...MachineBody, [RULE]: urlFaults };
