import { connectBy } from './connect.js';
import { dialFromNode } from './transport/node-socket.js';

// biome-ignore lint/performance/noBarrelFile: an entry of the package
export * from './exports.js';

/**
 * Connects to a service, in Node on `ws`. The connection is made anew whenever it is lost, until `close`.
 * @param url where the service is: `http(s):` or `ws(s):`
 * @throws ClientError when there is no service, or it refuses this client
 */
export const connect = connectBy(dialFromNode);
