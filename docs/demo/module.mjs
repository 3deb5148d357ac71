import { connect, decodePacket } from 'clusterer/client';

const client = await connect(process.env.SERVICE ?? 'http://127.0.0.1:8080', { token: process.env.TOKEN, onError: console.error });
await client.registerModule({ module: 'ul', timeout: 2, authCheck: true, clusterId: 1 }, {
  packet: (packet) => { const { name, fields, fault } = decodePacket(packet); console.log(packet.machine_id, fault ?? [name, fields.aor, fields.contact].join(' ')); },
  timeout: ({ machine_id, silent_for }) => console.log(machine_id, 'said nothing for', silent_for, 'seconds'),
  tempDisabled: ({ machine_id, dropped }) => console.log(machine_id, 'said', dropped, 'packets too many'),
  up: ({ machine_id }) => console.log(machine_id, 'is listened to again'),
  gap: ({ reason }) => console.log('something is lost:', reason),
});
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => client.close());
