import { collectDefaultMetrics, Registry } from 'prom-client';

/** Sampling interval of the event loop lag in milliseconds: long enough for an idle process to stay idle. */
const EVENT_LOOP_PRECISION_MS = 50;

/** A registry with the series of this process and its event loop, which are collected until the process exits. */
export function processRegistry(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_PRECISION_MS });
  return registry;
}
