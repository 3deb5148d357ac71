import type { Resolver } from '../../service/ports/resolver.js';

/** Returns the address of CLUSTERER_BIN_HOST, which may be a host name. @throws Error if it has none */
export async function listeningIp(binHost: string, resolver: Resolver): Promise<string> {
  const [ip] = (await resolver.resolve(binHost)).ips;
  if (ip !== undefined) return ip;
  throw new Error('CLUSTERER_BIN_HOST cannot be resolved; set it to an IP address');
}
