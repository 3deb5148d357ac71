import { connectBy } from './connect.js';
import { dialFromBrowser } from './transport/browser-socket.js';

// biome-ignore lint/performance/noBarrelFile: an entry of the package
export * from './exports.js';

/**
 * Connects to a service from a browser, with its own WebSocket. Reconnects whenever the connection is lost, until `close`.
 * @param url of the service: `http(s):` or `ws(s):`
 * @throws ClientError when no service answers, or it rejects this client
 */
export const connect = connectBy(dialFromBrowser);
