// What attackers send: reproducible random numbers, and values that have broken services before.

/** mulberry32: the same numbers for the same seed. */
function chanceOf(seed) {
  let state = seed >>> 0;
  const next = () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
  const below = (limit) => Math.floor(next() * limit);
  const pick = (list) => list[below(list.length)];
  const bytes = (length) => Buffer.from(Array.from({ length }, () => below(256)));
  return { next, below, pick, bytes };
}

const NAMES = [
  '__proto__',
  'constructor',
  'prototype',
  'toString',
  'hasOwnProperty',
  'valueOf',
  '',
  '\0',
  '\ud800',
  'ü',
  '../..',
  '%00',
];
const FIELDS = [
  'module',
  'protocol',
  'timeout',
  'auth_check',
  'cluster_id',
  'machine_id',
  'resume',
  'registration',
  'packet_type',
  'payload',
  'name',
  'fields',
]
  .concat([
    'version',
    'state',
    'status',
    'address',
    'server_id',
    'limit',
    'cursor',
    'url',
    'description',
    'failed_attempts',
    'duration',
    'node_id',
  ])
  .concat(NAMES);
const SOCKET_METHODS = [
  'register_module',
  'unregister_module',
  'send_to',
  'get_nodes',
  'set_state',
  'check',
  'list_nodes',
  'get_topology',
  'list_capabilities',
  'run_mi',
  'send_message',
  'list_tags',
  'set_tag',
  'release_tag',
].concat(['watch', 'unwatch', 'ping', 'get_my_id']);
const METHODS = SOCKET_METHODS.concat(
  ['clusterer_list', 'clusterer_set_status', 'clusterer:list', 'clusterer_reload', 'which'],
  NAMES,
);
/** Fields of decoded packets; the packets are those of usrloc, dialog and ratelimit. */
const PACKET_FIELDS = [
  'domain',
  'aor',
  'contact',
  'contact_id',
  'q',
  'q_raw',
  'flags',
  'cflags',
  'methods',
  'expires',
  'ctmatch',
  'pipes',
  'profiles',
].concat(NAMES);
const PACKETS = ['aor_insert', 'aor_delete', 'contact_insert', 'created', 'profiles', 'pipe_counter'].concat(NAMES);
/** JSON texts, some of them invalid. */
const ODD = [
  '1e400',
  '-1e400',
  '1e-400',
  '-0',
  '9'.repeat(400),
  '0.1e1',
  '9007199254740993',
  '2147483648',
  '-2147483649',
  'null',
  'true',
  '[]',
  '{}',
].concat([
  '"\\ud800"',
  '"\\u0000"',
  '"__proto__"',
  '{"__proto__":{"x":1}}',
  '{"a":1,"a":2}',
  '"\\uFFFF"',
  'NaN',
  'Infinity',
  "'",
  '01',
  '[,]',
  '{"a"}',
]);
/** Valid values, so that attacks pass the validation. None is the honest client's. */
const USEFUL = [
  '1',
  '2',
  '3',
  '0',
  '0.05',
  '30',
  '"ul"',
  '"dialog"',
  '"bin"',
  '"bins"',
  '"up"',
  '"down"',
  '"temp_disabled"',
  '"AAAA"',
  'false',
  '"all"',
].concat([
  '"bin:127.0.0.1:9"',
  '"bins:127.0.0.1:9"',
  '"bin:no.such.host.example"',
  '"127.0.0.1:5"',
  '"bin:[::1]:9"',
  '"udp:127.0.0.9"',
]);
const PATHS = [
  '/nodes',
  '/clusters',
  '/clusters/1',
  '/clusters/2/machines',
  '/clusters/1/machines/2',
  '/clusters/1/machines/3/status',
  '/clusters/1/nodes',
].concat([
  '/clusters/1/machines/2/state',
  '/clusters/2/check',
  '/clusters/1/packets',
  '/id',
  '/modules',
  '/mi',
  '/reload',
  '/healthz',
  '/readyz',
  '/openapi.json',
  '/',
  '/web/main.js',
  '/history',
  '/metrics',
  '/events',
  '/me',
]);

/** A text that is JSON, or nearly. */
function json(chance, depth = 3) {
  const { below, pick } = chance;
  const kind = below(depth > 0 ? 10 : 6);
  if (kind < 3) return pick(USEFUL);
  if (kind < 5) return pick(ODD);
  if (kind === 5) return JSON.stringify(pick(NAMES).repeat(1 + below(300)));
  if (kind === 6) return `[${Array.from({ length: below(5) }, () => json(chance, depth - 1)).join(',')}]`;
  return object(chance, depth - 1);
}

function object(chance, depth = 2, fields = FIELDS) {
  const members = Array.from(
    { length: chance.below(8) },
    () => `${JSON.stringify(chance.pick(fields))}:${json(chance, depth)}`,
  );
  return `{${members.join(',')}}`;
}

/** Parameters of a request that is probably valid. */
function likely(chance) {
  const { pick, below } = chance;
  return pick([
    `{"machine_id":${below(20) + 1},"url":${pick(USEFUL)},"duration":${below(3)},"failed_attempts":${below(3)}}`,
    `{"cluster_id":${below(3) + 1},"module":${pick(USEFUL)},"packet_type":${pick(ODD.slice(0, 9))}}`,
    `{"module":"m${below(50)}","protocol":"bin","timeout":${pick(['0', '0.05', '1'])},"auth_check":${pick(['true', 'false'])},"cluster_id":${below(3) + 1}}`,
    `{"module":"ul","packet_type":3,"payload":"${'A'.repeat(4 * below(22_000))}","cluster_id":1}`,
    `{"cluster_id":1,"module":${pick(['"ul"', '"dialog"', '"ratelimit"'])},"name":${JSON.stringify(pick(PACKETS))},"fields":${object(chance, 2, PACKET_FIELDS)}}`,
    `{"cluster_id":1,"module":"ul","name":"aor_delete","fields":{"domain":${json(chance, 1)},"aor":${json(chance, 1)}}}`,
    `{"state":${pick(['0', '1', '2'])}}`,
    `{"status":${pick(['0', '1', '"up"', '2'])},"cluster_id":"1","machine_id":"2"}`,
  ]);
}

function request(chance) {
  const { pick, next } = chance;
  const params = next() < 0.5 ? likely(chance) : json(chance);
  const id = next() < 0.8 ? `"id":${pick(['1', '"a"', 'null', '1e400', '{}', '-0.5'])},` : '';
  return `{"jsonrpc":${pick(['"2.0"', '"2.0"', '"2.0"', '2', 'null'])},${id}"method":${JSON.stringify(pick(METHODS))},"params":${params}}`;
}

/** A JSON-RPC message or a body, as bytes. Sometimes deep, huge, or not UTF-8. */
function message(chance) {
  const { below, pick, next, bytes } = chance;
  const kind = below(40);
  if (kind === 0) return Buffer.from(pick(['[', '{"a":']).repeat(100_000 + below(70_000)));
  if (kind === 1) return Buffer.from(`${'['.repeat(200_000)}1${']'.repeat(200_000)}`);
  if (kind === 2)
    return Buffer.from(
      `{"params":${'{"a":'.repeat(50_000)}1${'}'.repeat(50_000)},"method":"ping","jsonrpc":"2.0","id":1}`,
    );
  if (kind === 3) return Buffer.from(`"${'x'.repeat(below(1_200_000))}"`);
  if (kind === 4) return Buffer.concat([Buffer.from('{"a":"'), bytes(below(50)), Buffer.from('"}')]);
  if (kind === 5) return Buffer.from(`[${Array.from({ length: below(150) }, () => request(chance)).join(',')}]`);
  if (kind === 6) return Buffer.from(`{${Array.from({ length: 20_000 }, (_, i) => `"f${i}":0`).join(',')}}`);
  if (kind < 12) return Buffer.from(json(chance));
  if (kind < 18) return Buffer.from(likely(chance));
  const text = Buffer.from(request(chance));
  if (next() < 0.1) text[below(text.length)] = below(256);
  return next() < 0.1 ? text.subarray(0, below(text.length)) : text;
}

module.exports = { chanceOf, message, object, FIELDS, NAMES, PATHS, SOCKET_METHODS };
