import { useBaselineWasm } from '../../src/process/baseline-wasm.js';

// As the service does: optimizing Prisma's WebAssembly takes a fifth of the processor time of the tests of stores.
useBaselineWasm();
