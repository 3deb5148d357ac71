import type { FleetEffect } from '../../../src/domain/fleet/effects.js';
import type { KnownTag, TagWish } from '../../../src/domain/fleet/tag.js';
import { joined } from '../../../src/wire/frame-run.js';
import { messageText } from './message-text.js';
import { contentOf } from './network.js';

/** An effect in one line; a message as what its receiver gets. */
export function fleetEffectText(effect: FleetEffect): string {
  switch (effect.type) {
    case 'transmit': {
      const { to, message, family } = effect;
      const target = 'machineId' in to ? to.machineId : 'connection' in to ? `connection ${to.connection}` : to.url;
      return `-> ${target} ${messageText(message)}${family === null ? '' : ` (${family})`}`;
    }
    case 'relay':
      return `relay -> ${effect.to.join(',')} ${messageText(contentOf(effect.frame))}`;
    case 'forward':
      return `forward -> ${effect.to} ${messageText(contentOf(effect.frames[0] as Buffer))}`;
    case 'link':
      return `link ${effect.machineId} ${effect.from} -> ${effect.to}`;
    case 'ping_answered':
      return `ping_answered ${effect.machineId} after ${effect.ms} ms`;
    case 'attempt_failed':
      return `attempt_failed ${effect.machineId} unanswered=${effect.unanswered}`;
    case 'temp_disabled':
    case 'enabled':
      return `${effect.type} ${effect.machineId} (${effect.cause})`;
    case 'next_hop':
      return `next_hop ${effect.machineId} ${effect.from ?? '-'} -> ${effect.to ?? '-'}`;
    case 'topology':
      return `topology ${effect.machineId} neighbours=${effect.neighbours.join(',') || '-'}`;
    case 'capability':
      return `capability ${effect.machineId} ${effect.name} ${stateText(effect.from)} -> ${stateText(effect.to)}`;
    case 'family':
      return `family ${effect.machineId} ${effect.family}`;
    case 'sequence_reserved':
      return `sequence_reserved ${effect.kind} ${effect.seq}`;
    case 'learned':
      return `learned ${effect.member.machineId} ${effect.member.url}`;
    case 'forgotten':
      return `forgotten ${effect.machineId}`;
    case 'join_unanswered':
      return `join_unanswered ${effect.url}`;
    case 'own_node_removed':
      return 'own_node_removed';
    case 'message':
      return `message ${messageText(effect.message)}`;
    case 'tag':
      return `tag ${effect.reason} ${effect.about ?? '-'} from=${effect.from ?? '-'} ${tagText(effect.known)}`;
    case 'tag_wish':
      return `tag_wish ${effect.tag} ${wishText(effect.wish)}`;
    case 'sync_started':
      return `sync_started ${syncText(effect)} machine=${effect.machineId}`;
    case 'sync_packet':
      return `sync_packet ${syncText(effect)} ${Buffer.from(effect.chunk).toString()}`;
    case 'sync_ended': {
      const { machineId, packets, complete, reason } = effect;
      return `sync_ended ${syncText(effect)} machine=${machineId ?? '-'} packets=${packets} ${complete ? 'complete' : reason}`;
    }
    case 'sync_released':
      return `sync_released ${syncText(effect)} packets=${effect.runs.map(({ run }) => joined(run).toString()).join(',')}`;
    case 'fault':
      return `fault ${effect.reason} origin=${effect.origin}`;
  }
}

function stateText(isSynced: boolean | null): string {
  if (isSynced === null) return '-';
  return isSynced ? 'synced' : 'not_synced';
}

function syncText({ capability, registrations }: { capability: string; registrations: readonly number[] }): string {
  return `${capability} ${registrations.map((number) => `#${number}`).join(',')}`;
}

/** `vip=2 fence=1 2:active,3:backup`; the owner of a tag that is not managed is in brackets. */
function tagText({ tag, owner, isManaged, fence, states }: KnownTag): string {
  const known = [...states].sort(([a], [b]) => a - b).map(([id, state]) => `${id}:${state}`);
  const shown = owner ?? '-';
  return `${tag}=${isManaged ? shown : `(${shown})`} fence=${fence} ${known.join(',') || '-'}`;
}

function wishText({ owner, failover, afterMs, fence, moves }: TagWish): string {
  return `${owner ?? '-'} failover=${failover.join(',') || '-'} after=${afterMs} fence=${fence} moves=${moves}`;
}
