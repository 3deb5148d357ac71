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

/** A packet of dialect 2.4, from cluster 1 to the machine with this id. */
function laterPacket(capability, payloadBytes, machineId, packetType, destination) {
  const payloadAt = 16 + capability.length;
  const frame = Buffer.alloc(payloadAt + payloadBytes + 12);
  frame.write('P4CK');
  frame.writeUInt32LE(frame.length, 4);
  frame.writeUInt16LE(3, 8);
  frame.writeUInt16LE(capability.length, 10);
  frame.write(capability, 12);
  frame.writeUInt32LE(packetType, payloadAt - 4);
  for (const [i, id] of [1, machineId, destination].entries())
    frame.writeUInt32LE(id, payloadAt + payloadBytes + 4 * i);
  return frame;
}

/** The module of a packet. Where 2.4 has its name, 2.2 has the length of the name, which is less than 256. */
function moduleOf(frame) {
  if (frame[13] !== 0) return frame.toString('latin1', 12, 12 + frame.readUInt16LE(10));
  return frame.toString('latin1', 16, 16 + frame.readUInt32LE(12));
}

module.exports = { laterPacket, moduleOf, packet, packets };
