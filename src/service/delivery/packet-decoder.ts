import type { Family } from '../../wire/cluster/family.js';
import type { PacketHead } from '../../wire/dialects/dialect.js';
import type { DialectId } from '../../wire/dialects/dialect-id.js';
import type { Layout } from '../../wire/modules/layout.js';
import { layoutsOf } from '../../wire/modules/layouts.js';
import { decodePayload, decodeToJson } from '../../wire/modules/payloads.js';
import { redact } from '../../wire/modules/redact.js';

/** Characters of JSON that are kept for the next readers: what sockets read in the same turn of the event loop, and more. */
const KEPT_CHARACTERS = 2 ** 22;

/** Anyone who can send packets chooses their versions and types. */
const KEPT_TABLES = 1_000;

/** A packet, and the cluster that it came from. `module` is the capability in dialect 2.4. */
export interface DecodablePacket {
  readonly dialect: DialectId;
  readonly module: string;
  readonly clusterId: number;
  readonly head: Pick<PacketHead, 'machineId' | 'packetType' | 'version'>;
  readonly payload: Buffer;
}

/** The layouts of one type and version of a module's packets. */
interface Table {
  readonly layouts: readonly Layout[];
  /** Where releases write different fields: those of a family first. Null where the family says nothing. */
  readonly byFamily: Map<Family, readonly Layout[]> | null;
}

interface Decoded {
  readonly layouts: readonly Layout[];
  readonly payload: Buffer;
  readonly json: string;
}

/** Decodes packets for the registrations that ask for it: each packet once, however many they are. */
export class PacketDecoder {
  private readonly tables = new Map<string, Table>();
  /** By the place of the payload in its memory, which registrations share. Memory is used again, so the bytes are compared. */
  private readonly decoded = new Map<number, Decoded>();
  private characters = 0;

  /**
   * @param familyOf the wire family of a machine of dialect 2.4, or null
   * @param redacted the names of fields whose values nobody gets
   */
  constructor(
    private readonly familyOf: (clusterId: number, machineId: number) => Family | null,
    private readonly redacted: ReadonlySet<string>,
  ) {}

  /** Whether the raw payload would show what is redacted. */
  get isRedacting(): boolean {
    return this.redacted.size > 0;
  }

  /** Returns the members `decoded` and `decode_fault` of a `packet` notification, as JSON. Never throws. */
  membersOf(packet: DecodablePacket): string {
    const layouts = this.layoutsFor(packet);
    if (layouts.length === 0) return faultJson(noLayout(packet));
    const { payload } = packet;
    const before = this.decoded.get(payload.byteOffset);
    if (before !== undefined && before.layouts === layouts && before.payload.equals(payload)) return before.json;
    const json = this.decode(layouts, payload);
    // V8 keeps what was concatenated as a tree until a character is read. Each reader would walk it again.
    json.charCodeAt(json.length - 1);
    this.keep(payload.byteOffset, { layouts, payload: Buffer.from(payload), json });
    return json;
  }

  private decode(layouts: readonly Layout[], payload: Buffer): string {
    if (!this.isRedacting) {
      const result = decodeToJson(layouts, payload);
      return 'fault' in result ? faultJson(result.fault) : `"decoded":${result.json}`;
    }
    const result = decodePayload(layouts, payload);
    if ('fault' in result) return faultJson(withoutValues(result.fault));
    const { name, fields } = result;
    return `"decoded":${JSON.stringify({ name, fields: redact(fields, this.redacted) })}`;
  }

  private keep(place: number, decoded: Decoded): void {
    const added = decoded.json.length + decoded.payload.length;
    if (this.characters + added > KEPT_CHARACTERS) {
      this.decoded.clear();
      this.characters = 0;
    }
    this.decoded.set(place, decoded);
    this.characters += added;
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
    const family = table.byFamily === null ? null : this.familyOf(clusterId, machineId);
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
