import { byId, setText } from '../dom/element.js';
import { token } from '../state/token.js';

/** Fills in the commands that bring an empty page to life, with the address that the browser uses. Call it once it is known whether there is a token. */
export function showFirstRun(): void {
  const url = new URL('.', document.baseURI).href.replace(/\/$/, '');
  const needsToken = token.get() !== null;
  const header = needsToken ? ` -H "authorization: Bearer $CLUSTERER_TOKEN"` : '';
  const machine = JSON.stringify({ machine_id: 2, url: 'bin:127.0.0.1:5555' });
  const commands = [
    ...(needsToken ? ["export CLUSTERER_TOKEN='your token'"] : []),
    `curl ${url}/clusters/1/machines${header} -H 'content-type: application/json' -d '${machine}'`,
    `npx clusterer --url ${url} listen ul --cluster 1`,
  ];
  const code = byId('first-run', HTMLElement).querySelector('code');
  if (code !== null) setText(code, commands.join('\n'));
}
