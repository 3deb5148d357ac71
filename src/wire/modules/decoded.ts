import type { Condition, Fields, ListType, ObjectType, Scalar, Text, TextsType } from './field.js';
import type { Layout } from './layout.js';
import type { LAYOUTS } from './layouts.js';

/** The types of decoded packets, derived from the tables. */

type ValueOf<T> =
  T extends Scalar<infer V>
    ? V
    : T extends ObjectType<infer F>
      ? FieldsOf<F>
      : T extends ListType<infer F>
        ? FieldsOf<F>[]
        : T extends TextsType
          ? Text[]
          : never;

type Always<F> = F extends { readonly when: Condition } ? never : F;
type NameOf<F> = F extends { readonly name: infer N extends string } ? N : never;
type ValueNamed<F, N> = F extends { readonly name: N; readonly type: infer T } ? ValueOf<T> : never;
type RawNameOf<F> = F extends { readonly name: infer N extends string; readonly type: { readonly hasRaw: true } }
  ? `${N}_raw`
  : never;

type Flat<T> = { [K in keyof T]: T[K] };

/** The JSON object of a group of fields. Conditional fields may be absent. */
export type FieldsOf<F extends Fields> = Flat<
  { [N in NameOf<Always<F[number]>>]: ValueNamed<F[number], N> } & {
    [N in Exclude<NameOf<F[number]>, NameOf<Always<F[number]>>>]?: ValueNamed<F[number], N>;
  } & { [N in RawNameOf<F[number]>]: number }
>;

type LayoutName<L> = L extends Layout<infer N> ? N : never;
type AllKeys<U> = U extends unknown ? keyof U : never;
type ValueIn<U, K extends PropertyKey> = U extends unknown ? (K extends keyof U ? U[K] : never) : never;

/** One object type of several: what not all of them have is optional. */
type Merged<U> = Flat<{ [K in keyof U]: U[K] } & { [K in Exclude<AllKeys<U>, keyof U>]?: ValueIn<U, K> }>;

type FieldsOfLayout<L> = L extends Layout<string, infer F> ? FieldsOf<F> : never;
type OfModule<M> = Extract<(typeof LAYOUTS)[number], { readonly module: M }>;

/** A module that has a table. */
export type LayoutModule = (typeof LAYOUTS)[number]['module'];

/** The names of the packets of a module. */
export type PacketName<M extends LayoutModule> = LayoutName<OfModule<M>>;

/** The fields of a packet in any of its versions: those that some versions do not have are optional. */
export type PacketFields<M extends LayoutModule, N extends PacketName<M>> = Merged<
  FieldsOfLayout<Extract<OfModule<M>, { readonly name: N }>>
>;

/** What a decoded packet says, for each module and name: narrow it by `module` and `name`. */
export type DecodedPacket = {
  [M in LayoutModule]: {
    [N in PacketName<M>]: { readonly module: M; readonly name: N; readonly fields: PacketFields<M, N> };
  }[PacketName<M>];
}[LayoutModule];
