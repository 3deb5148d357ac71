import { choice, field, int, text, texts } from './field.js';
import { moduleOf } from './layout.js';
import { flags } from './scalars.js';

/** The modules that share which of their destinations are usable. */

const dispatcherPacket = moduleOf('2.4', 'dispatcher-status-repl', 'checked');
const droutingPacket = moduleOf('2.4', 'drouting-status-repl', 'checked');
const loadBalancerPacket = moduleOf('2.4', 'load_balancer-status-repl', 'checked');

export const DISPATCHER = [
  dispatcherPacket('destination_status', 1, [
    field('partition', text),
    field('group', int),
    field('address', text),
    field('type', choice('1 sets the bits of state, 0 clears them')),
    field('state', flags({ inactive: 1, probing: 2 })),
  ]),
] as const;

const gatewayFlags = { disabled: 4, no_auto_enable: 8 };

export const DROUTING = [
  droutingPacket('gateway_status', 1, [...texts('partition', 'gw_id'), field('flags', flags(gatewayFlags))]),
  droutingPacket('carrier_status', 2, [...texts('partition', 'carrier'), field('flags', flags({ off: 2 }))]),
] as const;

export const LOAD_BALANCER = [
  loadBalancerPacket('destination_status', 1, [
    field('group', int),
    field('uri', text),
    field('flags', flags(gatewayFlags)),
  ]),
] as const;
