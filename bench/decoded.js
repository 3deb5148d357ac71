const { REGISTRATION, startRelay, warmFlood } = require('./support/relaying.js');
const { sideBySide } = require('./support/rounds.js');

const DECODED = { ...REGISTRATION, decode: true };
const MIX = 'contacts';

/** What each row adds to the one before it. */
const ROWS = [
  { what: 'one module', modules: 1, environment: {} },
  { what: 'four modules, a socket each', modules: 4, environment: {} },
  {
    what: 'one module, with fields redacted',
    modules: 1,
    environment: { CLUSTERER_REDACT: 'contact,received,callid' },
  },
];

/** The flood of JSON to these modules, in new processes. */
function floodOf(params, { modules, environment }, count) {
  return async () => {
    const service = await startRelay({ mix: MIX, environment });
    try {
      const receivers = Array.from({ length: modules }, () => ['ul']);
      return await warmFlood(service, { subprotocol: 'clusterer.v1', mix: MIX, receivers, params, count });
    } finally {
      await service.stop();
    }
  };
}

/** Payloads decoded to JSON, beside the same packets as base64. */
async function run({ rounds, quick }) {
  const count = quick ? 5_000 : 200_000;
  const results = [];
  for (const row of quick ? ROWS.slice(0, 1) : ROWS) {
    const [decoded, raw] = [DECODED, REGISTRATION].map((params) => floodOf(params, row, count));
    const measured = await sideBySide(rounds, decoded, raw, { warmUp: false });
    const what = `\`clusterer.v1\` with \`decode\`: packets of usrloc, each with other values, to ${row.what}`;
    results.push({ what, against: 'the service without `decode`', unit: 'packets/s', atLeast: 0.5, ...measured });
  }
  return results;
}

module.exports = { run };
