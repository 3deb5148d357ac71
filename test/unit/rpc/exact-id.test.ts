import { ExactNumber } from '../../../src/rpc/exact-id.js';
import { parseMessage } from '../../../src/rpc/json-rpc.js';

const idOf = (message: unknown): unknown => Object(message).id;

test.each(['9007199254740993', '-9007199254740993', '1e400', '1.10', '1.0', '1e2', '-0', '1e-999'])(
  'the id %s is kept digit for digit',
  (id) => {
    expect(idOf(parseMessage(`{"id":${id},"method":"m"}`))).toEqual(new ExactNumber(id));
  },
);

test.each(['0', '-7', '123456789012345', '1.5', '9007199254740992'])(
  'the id %s, which JavaScript writes the same way, is a number',
  (id) => {
    expect(idOf(parseMessage(`{"id":${id},"params":[1.10,1e400]}`))).toBe(Number(id));
  },
);

test('each request of a batch keeps its own id, and nothing else changes', () => {
  expect(parseMessage('[{"id":1.10,"params":[1.10]},{"id":"1.10"},1.10,{"id":[1.10]},{"id":2}]')).toEqual([
    { id: new ExactNumber('1.10'), params: [1.1] },
    { id: '1.10' },
    1.1,
    { id: [1.1] },
    { id: 2 },
  ]);
});

test('the last of several ids counts, as in JSON.parse, also when its name is escaped', () => {
  expect(idOf(parseMessage('{"id":1.10,"\\u0069d":2.20,"x":{"id":3.30}}'))).toEqual(new ExactNumber('2.20'));
});

test('numbers in strings, escaped quotes and a byte order mark change nothing', () => {
  const text = '\ufeff{"a":"\\\\\\"9.90\\"","b\\"1.10":"-1e5","id":9007199254740993,"c":"\\\\"}';
  expect(parseMessage(text)).toEqual({
    a: '\\"9.90"',
    'b"1.10': '-1e5',
    id: new ExactNumber('9007199254740993'),
    c: '\\',
  });
});

test('a text that is not JSON is undefined', () => {
  expect([parseMessage('{"id":1.10'), parseMessage('')]).toEqual([undefined, undefined]);
});
