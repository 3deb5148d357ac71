import type { FieldFault, ServiceError } from '../../ground/errors.js';
import { invalidInput, MAX_FIELDS } from '../../schemas/validation.js';
import type { Family } from '../../wire/cluster/family.js';
import type { DialectId } from '../../wire/dialects/dialect-id.js';
import { allLayouts, layoutsNamed, versionsOf } from '../../wire/modules/layouts.js';
import { encodePayload } from '../../wire/modules/payloads.js';
import type { FieldFault as Fault } from '../../wire/modules/write.js';

/** A packet by its name and fields (docs/layouts.md). */
export interface NamedContent {
  /** In dialect 2.4 the capability. */
  readonly module: string;
  readonly name: string;
  readonly fields: Readonly<Record<string, unknown>>;
  /** Null: the version that each machine understands. */
  readonly version: number | null;
}

/** What the packet is in one version, or why it cannot be written in it. */
export type Form =
  | { readonly packetType: number; readonly payload: Uint8Array }
  | { readonly faults: readonly Fault[] };

/** Writes one packet in the versions that machines read. */
export class PacketForms {
  private readonly forms = new Map<string, Form>();

  /** @throws `invalid_input` for a module, name or version without layout, and for fields that fit no version */
  constructor(
    private readonly dialect: DialectId,
    private readonly packet: NamedContent,
  ) {
    const { module, name, version } = packet;
    const versions = versionsOf(dialect, module);
    if (versions.length === 0) {
      const detail = `has no layouts in dialect ${dialect} (GET /layouts); send packet_type and payload instead of name and fields`;
      throw invalidInput([{ pointer: '/module', detail }]);
    }
    const named = versions.filter((one) => this.hasName(one));
    if (named.length === 0) {
      const detail = `is no packet of ${module}; its packets are ${namesOf(dialect, module).join(', ')}`;
      throw invalidInput([{ pointer: '/name', detail }]);
    }
    if (version !== null && !this.hasName(version)) {
      const detail = `is no version of ${name} of ${module}; its versions are ${named.join(', ')}`;
      throw invalidInput([{ pointer: '/version', detail }]);
    }
    const all = named.map((one) => this.of(one, null));
    if (all.every((form) => 'faults' in form)) this.check(version ?? (named.at(-1) as number), null, 'also names');
  }

  /** The form for machines of a family; null: of any. */
  of(version: number, family: Family | null): Form {
    const key = `${version} ${family}`;
    let form = this.forms.get(key);
    if (form === undefined) {
      const { module, name, fields } = this.packet;
      const layouts = layoutsNamed({ dialect: this.dialect, module, version, name, family });
      form = encodePayload(layouts, fields) ?? { faults: [] };
      this.forms.set(key, form);
    }
    return form;
  }

  /**
   * A name (of a flag) that only some versions lack is no error of the caller, unless `names` says so.
   * @throws `invalid_input` that names every field which is missing, unknown or wrong in this version
   */
  check(version: number, family: Family | null, names: 'also names' | 'but names' = 'but names'): void {
    const form = this.of(version, family);
    if (!('faults' in form)) return;
    const faults = form.faults.filter(({ problem }) => problem !== 'name' || names === 'also names');
    if (faults.length > 0) throw invalidFields(faults);
  }

  private hasName(version: number): boolean {
    const { module, name } = this.packet;
    return layoutsNamed({ dialect: this.dialect, module, version, name }).length > 0;
  }
}

const PROBLEMS: Readonly<Record<Fault['problem'], string>> = {
  unknown: 'is no field of this packet',
  missing: 'is missing',
  wrong: 'is wrong',
  name: 'has a name that this packet does not have',
};

function invalidFields(faults: readonly Fault[]): ServiceError {
  // A list may have thousands of faulty items.
  return invalidInput(
    faults.slice(0, MAX_FIELDS).map(({ pointer, problem, detail }): FieldFault => {
      return { pointer: `/fields${pointer}`, detail: `${PROBLEMS[problem]}: ${detail}` };
    }),
  );
}

function namesOf(dialect: DialectId, module: string): string[] {
  const layouts = allLayouts().filter((layout) => layout.dialect === dialect && layout.module === module);
  return [...new Set(layouts.map(({ name }) => name))];
}
