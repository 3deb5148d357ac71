// biome-ignore-all lint/performance/noBarrelFile: what the package exports, besides `connect`, in Node and in browsers.
export type { Changes, Snapshot } from '../schemas/changes.js';
export type { MachineView, StateName, UpMachine } from '../schemas/machine.js';
export type { ModuleView, SendResult } from '../schemas/packet.js';
export type { TagView } from '../schemas/tags.js';
export type { DecodedPacket, LayoutModule, PacketFields, PacketName } from '../wire/modules/decoded.js';
export { PayloadReader, PayloadWriter } from '../wire/payload.js';
export type { Client } from './client.js';
export type { ConnectOptions } from './connect.js';
export { decodePacket, type PacketDecoding } from './decode-packet.js';
export { ClientError, type ClientErrorCode } from './error.js';
export type { ChangeEvent, GapEvent, ModuleHandlers, PacketEvent, WatchHandlers } from './events.js';
export type { Welcome } from './messages.js';
export type {
  MessageRequest,
  MiRequest,
  ModuleParams,
  PacketParams,
  Registration,
  TagRequest,
  Watch,
} from './params.js';
export type { Subprotocol } from './transport/endpoint.js';
