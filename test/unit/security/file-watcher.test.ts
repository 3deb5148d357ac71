import { FileWatcher } from '../../../src/security/file-watcher.js';

beforeEach(() => {
  jest.useFakeTimers();
});
afterEach(() => {
  jest.useRealTimers();
});

/** A watcher of files in memory; an Error in place of a text is thrown by the read. */
function watch(files: Record<string, string | Error>) {
  const events: string[] = [];
  const apply = (texts: readonly string[]) => {
    if (texts.includes('bad')) throw new Error('bad text');
    events.push(texts.join());
  };
  const failed = (reason: string) => events.push(`failed: ${reason}`);
  const read = async (path: string) => {
    const text = files[path] ?? '';
    if (text instanceof Error) throw text;
    return text;
  };
  const watcher = new FileWatcher(Object.keys(files), { apply, failed }, read);
  watcher.start();
  const polls = (count: number) => jest.advanceTimersByTimeAsync(count * 500);
  return { files, events, watcher, polls };
}

test('texts are applied once, after two equal reads of all files', async () => {
  const { files, events, polls } = watch({ cert: 'c1', key: 'k1' });
  await polls(1);
  expect(events).toEqual([]);
  await polls(3);
  expect(events).toEqual(['c1,k1']);
  files.cert = 'c2';
  await polls(1);
  files.key = 'k2';
  await polls(1);
  expect(events).toEqual(['c1,k1']);
  await polls(3);
  expect(events).toEqual(['c1,k1', 'c2,k2']);
});

test('a fault is reported once, and again after the files were usable', async () => {
  const { files, events, polls } = watch({ tokens: 'bad' });
  await polls(4);
  expect(events).toEqual(['failed: bad text']);
  files.tokens = new Error('gone');
  await polls(4);
  files.tokens = 'good';
  await polls(2);
  files.tokens = new Error('gone');
  await polls(2);
  expect(events).toEqual(['failed: bad text', 'failed: gone', 'good', 'failed: gone']);
});

test('readNow applies at once and reports a known fault again', async () => {
  const { files, events, watcher, polls } = watch({ tokens: 'bad' });
  await polls(2);
  await watcher.readNow();
  files.tokens = 'good';
  await watcher.readNow();
  await polls(4);
  expect(events).toEqual(['failed: bad text', 'failed: bad text', 'good']);
});

test('a stopped watcher reads nothing', async () => {
  const { files, events, watcher, polls } = watch({ tokens: 'one' });
  await polls(2);
  watcher.stop();
  files.tokens = 'two';
  await polls(4);
  expect(events).toEqual(['one']);
});
