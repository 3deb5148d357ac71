import { Session } from 'node:inspector';
import { join, sep } from 'node:path';

const SRC = join(__dirname, '../../../src') + sep;

interface Coverage {
  readonly result: readonly {
    readonly url: string;
    readonly functions: readonly { readonly ranges: readonly Range[] }[];
  }[];
}
interface Range {
  readonly count: number;
}

/** The number of calls of functions in src/ during `work`, including callbacks and getters: a cost that does not depend on the machine or its load. */
export function functionCalls(work: () => void): number {
  const session = new Session();
  session.connect();
  try {
    session.post('Profiler.enable');
    session.post('Profiler.startPreciseCoverage', { callCount: true, detailed: false });
    work();
    return callsIn(take(session));
  } finally {
    session.post('Profiler.stopPreciseCoverage');
    session.disconnect();
  }
}

/** A session with its own thread calls back before `post` returns. */
function take(session: Session): Coverage {
  let taken: Coverage = { result: [] };
  session.post('Profiler.takePreciseCoverage', (error, coverage) => {
    if (error) throw error;
    taken = coverage;
  });
  return taken;
}

function callsIn({ result }: Coverage): number {
  const functions = result
    .filter(({ url }) => url.replace('file://', '').startsWith(SRC))
    .flatMap((script) => script.functions);
  return functions.reduce((sum, { ranges }) => sum + (ranges[0]?.count ?? 0), 0);
}
