/**
 * What this service uses of TypeBox. `npm run compile` bundles TypeBox into this file: loading its 370 modules one by one takes a third of a start.
 */
// biome-ignore lint/performance/noBarrelFile: it is the opposite, one module in place of many
export { type Static, type TObject, type TProperties, type TSchema, type TUnsafe, Type } from 'typebox';
