import { INTERNAL } from '../dialects/layout-24.js';
import { v24 } from '../dialects/v24.js';
import { decodeExtra } from './extra.js';
import { FAMILIES, FAMILY_TRAITS, type Family } from './family.js';
import { isFault } from './fault.js';
import { decodeInternal } from './internal.js';

/**
 * Returns the families whose daemons may have made this frame: all if it does not show the family, none if no family has this number with this
 * version. Capabilities show C3 and D1 exactly, and otherwise two families; the packet version of a sync message distinguishes those. A flood that
 * was passed on as it is shows the family of its origin.
 */
export function familiesOf(frame: Buffer): readonly Family[] {
  const head = v24.decode(frame);
  if (head === 'too_short') return FAMILIES;
  if (head.module === INTERNAL) {
    const message = decodeInternal(frame);
    if (isFault(message) || message.type !== 'capabilities') return FAMILIES;
    return FAMILIES.filter((family) => {
      const { capabilitiesType, capabilitiesHaveSequence } = FAMILY_TRAITS[family];
      return capabilitiesType === head.packetType && capabilitiesHaveSequence === (message.sequence !== null);
    });
  }
  const message = decodeExtra(frame, null);
  if (isFault(message)) return FAMILIES;
  return FAMILIES.filter((family) => {
    const { extraTypes, syncVersion } = FAMILY_TRAITS[family];
    return (
      extraTypes[message.type] === head.packetType && (!message.type.startsWith('sync') || syncVersion === head.version)
    );
  });
}
