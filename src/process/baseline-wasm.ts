import { setFlagsFromString } from 'node:v8';

/**
 * Runs WebAssembly as V8's baseline compiler leaves it. Call it before any WebAssembly is loaded.
 * The only WebAssembly is Prisma's query compiler, which serves calls of operators. On Node 20, optimizing it during the start leaves
 * about 14 MiB of freed memory that the C library keeps. JavaScript is optimized as before.
 */
export function useBaselineWasm(): void {
  setFlagsFromString('--liftoff-only');
}
