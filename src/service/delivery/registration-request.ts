import type { RegistrationRequest } from '../../domain/reception.js';
import { ServiceError } from '../../ground/errors.js';
import type { RegistrationLog } from './registration-log.js';

/** The error for one registration too many. */
export function exhausted(limit: number): ServiceError {
  const detail = `At most ${limit} registrations may be in force (CLUSTERER_MAX_REGISTRATIONS); end one, or try again later.`;
  return new ServiceError('registrations_exhausted', detail);
}

/** Whether a module asks again for what it has. */
export function sameRequest({ registration }: RegistrationLog, request: RegistrationRequest): boolean {
  return (
    registration.module === request.module &&
    registration.protocol === request.protocol &&
    registration.clusterId === request.clusterId &&
    registration.timeoutMs === request.timeoutMs &&
    registration.authCheck === request.authCheck &&
    registration.keepaliveMs === (request.keepaliveMs ?? 0) &&
    registration.sync === (request.sync ?? false) &&
    registration.decode === (request.decode ?? false)
  );
}

/** For the log. */
export function fieldsOf(log: RegistrationLog): object {
  const { number, module, protocol, clusterId, timeoutMs, authCheck, keepaliveMs, sync, decode } = log.registration;
  const request = { module, protocol, cluster_id: clusterId, timeout_ms: timeoutMs, auth_check: authCheck };
  return {
    number,
    ...request,
    ...(keepaliveMs > 0 && { keepalive_ms: keepaliveMs }),
    ...(sync && { sync }),
    ...(decode && { decode }),
  };
}
