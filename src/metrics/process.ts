import { collectDefaultMetrics, Registry } from 'prom-client';

/** How often the lag of the event loop is looked at, in milliseconds: seldom enough for an idle process to stay idle. */
const EVENT_LOOP_PRECISION_MS = 50;

/** A registry with the series of this process and its event loop. They are collected until the process ends. */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  return registry;
}
