import type { Rule } from '../../schemas/common.js';
import { ipOf } from '../../wire/address.js';

/** The rule for the parameters of `check`: JSON Schema cannot describe addresses. */
export const addressFaults: Rule = ({ address }) => {
  if (typeof address !== 'string' || ipOf(address) !== null) return [];
  return [{ pointer: '/address', detail: 'must be an IP address, with or without a port' }];
};
