import { readTokens } from '../../security/token-file.js';
import { count, isLoopback, networks, origins } from '../parsers.js';
import { type Values, variable } from '../variable.js';
import { HTTP } from './http.js';

export const ACCESS = {
  tokens: variable(
    'TOKENS',
    '',
    readTokens,
    'access tokens `name:role:sha256`, comma-separated, or `@` and the path of a file with them; may be empty only if `CLUSTERER_HTTP_HOST` is a loopback address',
  ),
  origins: variable(
    'ORIGINS',
    '',
    origins,
    "browser origins (`https://ops.example`) that may use the service besides the service's own, comma-separated",
  ),
  trustedProxies: variable(
    'TRUSTED_PROXIES',
    '',
    networks,
    'addresses and networks of reverse proxies (`10.0.0.0/8`), comma-separated, whose `Forwarded` or `X-Forwarded-For` names the client; empty: these headers are ignored',
  ),
  httpWrongTokensPerMinute: variable(
    'HTTP_WRONG_TOKENS_PER_MINUTE',
    '100',
    count,
    'wrong tokens from one address in one minute; then further attempts get 429, except from clients already authenticated',
  ),
} as const;

/** Without tokens everyone who reaches the port has the role `operate`. */
export function exposureFaults({ tokens, httpHost }: Partial<Values<typeof ACCESS & typeof HTTP>>): string[] {
  if (tokens === undefined || httpHost === undefined || tokens.required || isLoopback(httpHost)) return [];
  const reason = 'is not a loopback address: everyone who can reach it would have full access';
  return [`${ACCESS.tokens.name} must be set while ${HTTP.httpHost.name} ${reason}`];
}
