/** What machines send in a relay benchmark. */
const { readFileSync } = require('node:fs');
const { join } = require('node:path');
const { laterPacket, moduleOf, packet } = require('./packets.js');

/** usrloc writes type 1, then 3, for a new contact; 4 for a refresh; 5, then 2, when the contact ends. */
const TYPES = [1, 3, 4, 5, 2];

/** Bytes of payload. Seven lengths and five types: each type comes with each length. */
const LENGTHS = [40, 320, 180, 100, 400, 60, 240];

const CYCLE = TYPES.length * LENGTHS.length;

/** The machine id of a service that is a member of a fleet. */
const MEMBER = 9;

/** Each packet of another type and length than the one before, and of the next of these modules. */
function alternating(modules, machineId, packetOf = packet) {
  return Array.from({ length: CYCLE * modules.length }, (_, i) => {
    const [module, type] = [modules[i % modules.length], TYPES[i % TYPES.length]];
    return packetOf(module, LENGTHS[i % LENGTHS.length], machineId, type, MEMBER);
  });
}

/** What an OpenSIPS 2.2 sent as machine 1. */
function captured() {
  const lines = readFileSync(join(__dirname, '../captures/opensips-2.2.hex'), 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('5034434b')).map((line) => Buffer.from(line, 'hex'));
}

/** As many contacts as one write holds packets of them, and more: no packet is written twice in one burst. */
const CONTACTS = 401;

/** What machine 1 sends about its contacts, whose users are numbered: the packets of usrloc, as they were captured. */
function contacts() {
  const packets = captured().filter((frame) => moduleOf(frame) === 'ul');
  return Array.from({ length: CONTACTS }, (_, user) => packets.map((frame) => renamed(frame, user))).flat();
}

/** The same packet of another user, whose name is as long. */
function renamed(frame, user) {
  const name = user.toString().padStart('alice'.length, 'u');
  return Buffer.from(frame.toString('latin1').replaceAll('alice', name), 'latin1');
}

/**
 * `machineIds`: a connection each, the first from 127.0.0.2, the next from 127.0.0.3. `modules`: a registration each, on a socket of its own.
 * `cycle`: the packets that a machine repeats.
 */
const MIXES = {
  repeated: {
    what: 'one packet repeated, 200 bytes of payload (best case)',
    machineIds: [2],
    modules: ['ul'],
    cycle: (machineId) => [packet('ul', 200, machineId)],
  },
  types: {
    what: '(a) types and lengths alternate, payloads of 40 to 400 bytes',
    machineIds: [2],
    modules: ['ul'],
    cycle: (machineId) => alternating(['ul'], machineId),
  },
  modules: {
    what: '(b) as (a), and two modules alternate, a socket each',
    machineIds: [2],
    modules: ['ul', 'dialog'],
    cycle: (machineId) => alternating(['ul', 'dialog'], machineId),
  },
  machines: {
    what: '(c) as (a), eight machines on a connection each, three modules alternate, a socket each',
    machineIds: [2, 3, 4, 5, 6, 7, 8, 9],
    modules: ['ul', 'dialog', 'ratelimit'],
    cycle: (machineId) => alternating(['ul', 'dialog', 'ratelimit'], machineId),
  },
  captured: {
    what: '(d) the packets of a captured OpenSIPS 2.2, three modules, a socket each',
    machineIds: [1],
    modules: ['ul', 'dialog', 'ratelimit'],
    cycle: captured,
  },
};

/** The same for machines of OpenSIPS 2.4 to 4.0. The bare pipe does not read their packets. */
const FLEET_MIXES = {
  fleetTypes: {
    what: 'as (a), of OpenSIPS 2.4 to 4.0',
    machineIds: [2],
    modules: ['usrloc-contact-repl'],
    cycle: (machineId) => alternating(['usrloc-contact-repl'], machineId, laterPacket),
  },
};

/** For decoding, where it matters what a packet says. */
const DECODED_MIXES = {
  contacts: { what: 'packets of usrloc, each with other values', machineIds: [1], modules: ['ul'], cycle: contacts },
};

/** A mix of any kind by its name. */
function mixOf(name) {
  return MIXES[name] ?? FLEET_MIXES[name] ?? DECODED_MIXES[name];
}

/** Where the machines of a mix connect from, in their order. */
function addressOf(index) {
  return `127.0.0.${2 + index}`;
}

module.exports = { addressOf, FLEET_MIXES, MEMBER, MIXES, mixOf };
