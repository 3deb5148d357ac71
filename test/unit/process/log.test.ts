import { openLog } from '../../../src/process/log.js';

async function written(logFormat: 'auto' | 'json' | 'pretty'): Promise<string> {
  const lines: string[] = [];
  const to = { write: (line: string) => void lines.push(line) };
  const log = await openLog({ logLevel: 'info', logFormat }, to);
  log.info({ http: 'http://127.0.0.1:8080' }, 'listening');
  log.debug({}, 'below the level');
  return lines.join('');
}

test('the pretty log is a line with time, level, message and fields', async () => {
  expect(await written('pretty')).toMatch(
    /^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] INFO: listening \{"http":"http:\/\/127\.0\.0\.1:8080"\}\n$/,
  );
});

test.each(['json', 'auto'] as const)('the log is JSON in the format %s without a terminal', async (format) => {
  expect(JSON.parse(await written(format))).toMatchObject({
    level: 30,
    pid: process.pid,
    http: 'http://127.0.0.1:8080',
    msg: 'listening',
  });
});
