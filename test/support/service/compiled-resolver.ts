import { join } from 'node:path';
import { SystemResolver } from '../../../src/bin/names/resolver.js';

const PROGRAM = join(__dirname, '../../../dist/bin/names/lookup-program.js');

/** The resolver of the service. Its process runs JavaScript only, and Jest runs src, so it runs the compiled program. */
export function compiledResolver(): SystemResolver {
  return new SystemResolver(PROGRAM);
}
