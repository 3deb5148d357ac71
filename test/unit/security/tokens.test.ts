import { createHash } from 'node:crypto';
import { Tokens } from '../../../src/security/tokens.js';

const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
const FILE = '/etc/clusterer/tokens';
const OPS = `ops:operate:${sha256('o')}`;
const SIP = `sip:module:${sha256('s')}`;

describe('a file of tokens', () => {
  it('has one entry a line, comments, empty lines, any line endings and a byte order mark', () => {
    const text = `\uFEFF# who may\r\n\r\n  ${OPS}  # since spring\r\n#${SIP}\n\t\nsip : module : ${sha256('S').toUpperCase()}`;
    const tokens = new Tokens(text, FILE);
    expect(['o', 's', 'S'].map((token) => tokens.caller(token))).toEqual([
      { name: 'ops', role: 'operate' },
      null,
      { name: 'sip', role: 'module' },
    ]);
  });

  it.each(['', '\n# nobody yet\n'])('without entries lets nobody in: %j', (text) => {
    const tokens = new Tokens(text, FILE);
    expect([tokens.required, tokens.caller(null), tokens.caller('x')]).toEqual([true, null, null]);
  });

  it.each([
    [`${OPS}\nsip:module`, 'line 2: each entry is name:role:sha256'],
    [`${OPS},${SIP}`, 'line 1: each entry is name:role:sha256'],
    ['s3cret', 'line 1: each entry is name:role:sha256'],
    [`#\n\nsip:modul:${sha256('s')}`, 'line 3: the role of "sip" is not one of read, module, operate'],
    ['sip:module:s3cret', 'line 1: the sha256 of "sip" is not 64 hex digits'],
    [`s3cret/+:module:${sha256('s')}`, 'line 1: a name is 1 to 64 letters, digits and _ . @ -'],
    [`${OPS}\n\nme:read:${sha256('o')}`, 'the entries "ops" and "me" have the same sha256: keep one of them'],
  ])('with a fault is refused with the line, without a secret', (text, fault) => {
    expect(() => new Tokens(text, FILE)).toThrow(new Error(fault));
  });
});

describe('a name', () => {
  it('may occur twice, so that its token can be replaced without a gap', () => {
    const tokens = new Tokens(`${OPS},ops:operate:${sha256('next')}`);
    expect([tokens.caller('o')?.name, tokens.caller('next')?.name]).toEqual(['ops', 'ops']);
  });
});

describe('a token', () => {
  it('is found as quickly among many as alone', () => {
    const alone = new Tokens(OPS);
    const many = new Tokens([...Array.from({ length: 10_000 }, (_, i) => `t${i}:read:${sha256(`t${i}`)}`), OPS].join());
    const secondsOf = (tokens: Tokens) => {
      const begun = performance.now();
      for (let i = 0; i < 1000; i++) tokens.caller('o');
      return performance.now() - begun;
    };
    secondsOf(alone);
    // A comparison with each entry takes some thousand times as long.
    expect(secondsOf(many)).toBeLessThan(100 * secondsOf(alone));
    expect(many.caller('o')).toEqual({ name: 'ops', role: 'operate' });
  });
});

describe('a list that is replaced', () => {
  const started = () => {
    const tokens = new Tokens(`${OPS}\n${SIP}`, FILE);
    const [ops, sip] = [tokens.caller('o'), tokens.caller('s')];
    if (ops === null || sip === null) throw new Error('a token is not accepted');
    return { tokens, ops, sip };
  };

  it('keeps the callers that are in both lists, and withdraws the others', () => {
    const { tokens, ops, sip } = started();
    let notified = 0;
    tokens.onReplaced(() => notified++);
    expect(tokens.replace(`${OPS}\nnew:read:${sha256('n')}`)).toBe(true);
    expect([notified, tokens.inForce(ops), tokens.inForce(sip)]).toEqual([1, true, false]);
    expect(tokens.caller('o')).toBe(ops);
    expect([tokens.caller('s'), tokens.caller('n')?.role]).toEqual([null, 'read']);
  });

  it('applies a higher role at once, and withdraws for a lower one or another name', () => {
    const { tokens, ops, sip } = started();
    tokens.replace(`ops:read:${sha256('o')}\nsip:operate:${sha256('s')}`);
    expect([tokens.inForce(ops), tokens.caller('o')?.role]).toEqual([false, 'read']);
    expect([tokens.inForce(sip), sip.role]).toEqual([true, 'operate']);
    tokens.replace(`voip:operate:${sha256('s')}`);
    expect([tokens.inForce(sip), tokens.caller('s')?.name]).toEqual([false, 'voip']);
  });

  it('is unchanged if only comments have changed', () => {
    const { tokens } = started();
    tokens.onReplaced(() => {
      throw new Error('no listener may be called');
    });
    expect(tokens.replace(`# the same\n${OPS}\r\n${SIP}\r\n`)).toBe(false);
  });

  it('stays in force if the new one has a fault', () => {
    const { tokens, ops } = started();
    expect(() => tokens.replace('ops:operate')).toThrow('line 1');
    expect([tokens.inForce(ops), tokens.caller('s')?.name]).toEqual([true, 'sip']);
  });
});
