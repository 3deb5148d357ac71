import type { Stream } from '../../../src/cli/host.js';
import { Output } from '../../../src/cli/output.js';

/** A terminal with colours, or a pipe. */
function stream(isTTY: boolean): Stream & { written: string } {
  return {
    isTTY,
    hasColors: () => true,
    written: '',
    write(text, done) {
      this.written += text;
      done?.();
    },
    on() {},
  };
}

const { NO_COLOR } = process.env;
beforeEach(() => {
  delete process.env.NO_COLOR;
});
afterAll(() => {
  if (NO_COLOR !== undefined) process.env.NO_COLOR = NO_COLOR;
});

describe('standard output', () => {
  it('colours the states on a terminal, and nothing else', () => {
    const { paint } = new Output(stream(true), false);
    expect(paint('down', 'STATE')).toBe('\x1b[31mdown\x1b[39m');
    expect(paint('down', 'DESCRIPTION')).toBe('down');
    expect(paint('-', 'STATE')).toBe('-');
  });

  it('has no colours in a pipe, or with NO_COLOR', () => {
    expect(new Output(stream(false), false).paint('up', 'STATE')).toBe('up');
    process.env.NO_COLOR = '1';
    expect(new Output(stream(true), false).paint('up', 'STATE')).toBe('up');
  });

  it('prints one line per event, whatever the event contains', async () => {
    const people = stream(false);
    await new Output(people, false).event({}, () => 'a\r\nb\x1b[2J', new Date(2026, 0, 2, 3, 4, 5, 6));
    expect(people.written).toBe('03:04:05.006  a  b [2J\n');
    const programs = stream(false);
    await new Output(programs, true).event({ text: 'a\nb' }, () => 'a');
    expect(programs.written).toBe('{"text":"a\\nb"}\n');
  });
});
