import { connect, decodePacket } from 'clusterer/client';

const records = new Map(); // the contacts of each domain and address of record
let syncs = 0;

const keyOf = (...texts) => JSON.stringify(texts);
const isValid = ({ expires }) => expires === 0 || expires > Date.now() / 1000; // 0: forever
const lookup = (domain, aor) => [...(records.get(keyOf(domain, aor))?.values() ?? [])].filter(isValid);
const tell = ({ domain, aor }) => console.log(aor, 'is at', lookup(domain, aor).map(({ contact }) => contact).join(', ') || 'no contact');

function keep(fields) {
  const record = keyOf(fields.domain, fields.aor);
  const contacts = records.get(record) ?? new Map();
  const known = contacts.get(keyOf(fields.contact));
  const isOld = known?.callid === fields.callid && known.cseq > fields.cseq; // packets of two machines may overtake each other
  records.set(record, contacts.set(keyOf(fields.contact), { ...(isOld ? known : fields), syncs }));
  tell(fields);
}

function drop(isDropped) {
  for (const [record, contacts] of records) {
    const dropped = [...contacts].filter(([, contact]) => isDropped(contact));
    for (const [key] of dropped) contacts.delete(key);
    if (contacts.size === 0) records.delete(record);
    if (dropped.length > 0) tell(dropped[0][1]);
  }
}

function packet(event) {
  const { name, fields, fault } = decodePacket(event);
  if (fault !== undefined) return console.error('machine', event.machine_id, fault);
  if (name === 'contact_insert' || name === 'contact_update') return keep(fields);
  if (name === 'contact_delete') records.get(keyOf(fields.domain, fields.aor))?.delete(keyOf(fields.contact));
  if (name === 'aor_delete') records.delete(keyOf(fields.domain, fields.aor));
  tell(fields);
}

const syncStarted = () => { syncs += 1; };
const syncEnded = ({ complete }) => { if (complete) drop((contact) => contact.syncs < syncs); }; // deleted while we were away

const client = await connect(process.env.SERVICE ?? 'http://127.0.0.1:8080', { token: process.env.TOKEN, onError: console.error });
const ul = { module: 'ul', timeout: 0, authCheck: true, clusterId: 1 };
await client.registerModule({ ...ul, sync: true }, { packet, syncStarted, syncEnded }).catch((error) => {
  if (error.code !== 'sync_not_supported') throw error;
  return client.registerModule(ul, { packet });
});
setInterval(() => drop((contact) => !isValid(contact)), 1000);
