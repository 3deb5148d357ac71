import type { Family } from '../../wire/cluster/family.js';
import type { PacketHead } from '../../wire/dialects/dialect.js';
import type { DialectId } from '../../wire/dialects/dialect-id.js';
import type { Layout } from '../../wire/modules/layout.js';
import { layoutsOf } from '../../wire/modules/layouts.js';
import { type JsonDecoder, jsonDecoder } from '../../wire/modules/payloads.js';
import { DecodedPayloads } from './decoded-payloads.js';

/** Anyone who can send packets chooses their versions and types. */
const KEPT_TABLES = 1_000;

/** A packet, and the cluster that it came from. `module` is the capability in dialect 2.4. */
export interface DecodablePacket {
  readonly dialect: DialectId;
  readonly module: string;
  readonly clusterId: number;
  readonly head: Pick<PacketHead, 'machineId' | 'packetType' | 'version'>;
  readonly payload: Buffer;
  /** Whether other registrations will read the same packet: then what is decoded is kept for them. */
  readonly isShared: boolean;
}

/** The layouts of one type and version of a module's packets. */
interface Table {
  readonly layouts: readonly Layout[];
  /** Where releases write different fields: those of a family first. Null where the family says nothing. */
  readonly byFamily: Map<Family, readonly Layout[]> | null;
}

/** What decides how packets are decoded. */
export interface DecodedAs {
  /** The wire family of a machine of dialect 2.4, or null. */
  readonly familyOf: (clusterId: number, machineId: number) => Family | null;
  /** Whether several registrations decode the packets of this module. */
  readonly isShared: (module: string) => boolean;
  /** The names of fields whose values nobody gets. */
  readonly redacted: ReadonlySet<string>;
}

/** Decodes packets for the registrations that ask for it: each packet once, however many they are. */
export class PacketDecoder {
  private readonly tables = new Map<string, Table>();
  private readonly decoded = new DecodedPayloads();
  private readonly toJson: JsonDecoder;
  private decodings = 0;

  constructor(private readonly as: DecodedAs) {
    this.toJson = jsonDecoder(as.redacted);
  }

  /** How many payloads were decoded, or did not fit. */
  get count(): number {
    return this.decodings;
  }

  /** Whether the raw payload would show what is redacted. */
  get isRedacting(): boolean {
    return this.as.redacted.size > 0;
  }

  /** Whether several registrations decode the packets of this module. */
  isShared(module: string): boolean {
    return this.as.isShared(module);
  }

  /** Returns the members `decoded` and `decode_fault` of a `packet` notification, as JSON. Never throws. */
  membersOf(packet: DecodablePacket): string {
    const layouts = this.layoutsFor(packet);
    if (layouts.length === 0) return faultJson(noLayout(packet));
    const { payload } = packet;
    // What is kept costs a copy of the payload, and its text for longer: about a fifth of the decoding.
    if (!packet.isShared) return this.decode(layouts, payload);
    const before = this.decoded.find(layouts, payload);
    if (before !== undefined) return before;
    const json = this.decode(layouts, payload);
    // V8 keeps what was concatenated as a tree until a character is read. Each reader would walk it again.
    json.charCodeAt(json.length - 1);
    this.decoded.keep(layouts, payload, json);
    return json;
  }

  private decode(layouts: readonly Layout[], payload: Buffer): string {
    this.decodings++;
    const result = this.toJson(layouts, payload);
    if ('json' in result) return `"decoded":${result.json}`;
    return faultJson(this.isRedacting ? withoutValues(result.fault) : result.fault);
  }

  private layoutsFor({ dialect, module, clusterId, head }: DecodablePacket): readonly Layout[] {
    const { packetType, version, machineId } = head;
    const key = `${dialect} ${module} ${version} ${packetType}`;
    let table = this.tables.get(key);
    if (table === undefined) {
      const layouts = layoutsOf({ dialect, module, version, packetType });
      table = { layouts, byFamily: layouts.some(({ families }) => families !== null) ? new Map() : null };
      if (this.tables.size >= KEPT_TABLES) this.tables.clear();
      this.tables.set(key, table);
    }
    const family = table.byFamily === null ? null : this.as.familyOf(clusterId, machineId);
    return family === null ? table.layouts : preferred(table, family);
  }
}

/** The layouts of a family, then the others: the family is that of the latest release with the same messages (docs/layouts.md). */
function preferred({ layouts, byFamily }: Table, family: Family): readonly Layout[] {
  let sorted = byFamily?.get(family);
  if (sorted === undefined) {
    const isOwn = ({ families }: Layout) => families === null || families.includes(family);
    sorted = [...layouts.filter(isOwn), ...layouts.filter((layout) => !isOwn(layout))];
    byFamily?.set(family, sorted);
  }
  return sorted;
}

/** A fault names lengths and numbers, which are bytes of the payload: what is left is which packet, and where. */
function withoutValues(fault: string): string {
  const [, name = '', byte = ''] = /^(\w+): .*? at byte (\d+)/.exec(fault) ?? [];
  return `${name}: the payload does not fit at byte ${byte}`;
}

function noLayout({ module, head: { packetType, version } }: DecodablePacket): string {
  return `no layout for packets of ${module} of type ${packetType}, version ${version}`;
}

function faultJson(fault: string): string {
  return `"decoded":null,"decode_fault":${JSON.stringify(fault)}`;
}
