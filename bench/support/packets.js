/** A packet of the 2.2 dialect. */
function packet(module, payloadBytes, machineId = 2, packetType = 3) {
  const head = Buffer.alloc(16 + module.length + 8);
  head.write('P4CK');
  head.writeUInt16LE(head.length + payloadBytes, 4);
  head.writeUInt16LE(1, 8);
  head.writeUInt32LE(module.length, 12);
  head.write(module, 16);
  head.writeUInt32LE(packetType, 16 + module.length);
  head.writeUInt32LE(machineId, 20 + module.length);
  return Buffer.concat([head, Buffer.alloc(payloadBytes)]);
}

/** So many of the same, one behind the other. */
function packets(count, ...parts) {
  return Buffer.concat(Array.from({ length: count }, () => packet(...parts)));
}

/** The module of a packet. */
function moduleOf(frame) {
  return frame.toString('latin1', 16, 16 + frame.readUInt32LE(12));
}

module.exports = { moduleOf, packet, packets };
