import { connectBy } from './connect.js';
import { dialFromBrowser } from './transport/browser-socket.js';

// biome-ignore lint/performance/noBarrelFile: an entry of the package
export * from './exports.js';

/**
 * Connects to a service, in a browser on its own WebSocket. The connection is made anew whenever it is lost, until `close`.
 * @param url where the service is: `http(s):` or `ws(s):`
 * @throws ClientError when there is no service, or it refuses this client
 */
export const connect = connectBy(dialFromBrowser);
