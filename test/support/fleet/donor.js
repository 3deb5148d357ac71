const { CHUNK_MARK, Writer } = require('./wire.js');

/**
 * Answers a request for a sync with the machine's data. `machine.donor` says how it fails:
 * - `silent`: it sends nothing
 * - `dies`: it dies after this many packets
 * - `miscounts`: the end announces this many chunks more than were sent
 * - `chunksAtOnce`: how many chunks a packet has (all)
 * - `meanwhile`: called after each packet, for live packets in between
 */
function answerSync(machine, requester, capability) {
  const { silent, dies, miscounts = 0, chunksAtOnce = Infinity, meanwhile = () => {} } = machine.donor;
  const data = machine.data[capability];
  if (silent || data === undefined) return;
  const { chunks, version } = data;
  const { syncVersion } = machine.wire;
  const packets = [];
  for (let from = 0; from < chunks.length; from += Math.min(chunksAtOnce, chunks.length)) {
    packets.push(chunks.slice(from, from + Math.min(chunksAtOnce, chunks.length)));
  }
  for (const [i, some] of packets.entries()) {
    if (i === dies) return void machine.kill();
    const body = new Writer().text(capability);
    if (syncVersion > 1) body.int(version);
    for (const chunk of some) {
      if (syncVersion > 1) body.int(chunk.length);
      body.int(CHUNK_MARK).raw(chunk);
    }
    machine.sendExtra(requester, 'sync', body.bytes, syncVersion);
    meanwhile(i);
  }
  if (packets.length === dies) return void machine.kill();
  const end = new Writer().text(capability);
  if (syncVersion > 2) end.int(chunks.length + miscounts);
  machine.sendExtra(requester, 'syncEnd', end.bytes, syncVersion);
}

module.exports = { answerSync };
