import { ServiceError } from '../../../src/ground/errors.js';
import { type Call, dispatch, InvalidParams, UnknownMethod } from '../../../src/rpc/json-rpc.js';

const bugs: unknown[] = [];
const ask = async (message: unknown, call: Call) => {
  return JSON.parse((await dispatch(message, call, (error) => bugs.push(error))) ?? 'null');
};

beforeEach(() => {
  bugs.length = 0;
});

test('the response has the result of the method, null for undefined', async () => {
  expect(
    await ask({ jsonrpc: '2.0', id: 'x', method: 'm', params: [1] }, (method, params) => ({ method, params })),
  ).toEqual({ jsonrpc: '2.0', id: 'x', result: { method: 'm', params: [1] } });
  expect(await ask({ jsonrpc: '2.0', id: 0, method: 'm' }, () => undefined)).toEqual({
    jsonrpc: '2.0',
    id: 0,
    result: null,
  });
});

test('a method gets an empty object where the request has no parameters', async () => {
  expect(await ask({ jsonrpc: '2.0', id: 1, method: 'm' }, (_method, params) => params)).toMatchObject({ result: {} });
});

test('a notification runs and has no response, even when it fails', async () => {
  const ran: string[] = [];
  const call: Call = (method) => {
    ran.push(method);
    throw new UnknownMethod(method);
  };
  expect(await ask({ jsonrpc: '2.0', method: 'm' }, call)).toBeNull();
  expect(await ask([{ jsonrpc: '2.0', method: 'n' }], call)).toBeNull();
  expect(ran).toEqual(['m', 'n']);
});

test('the requests of a batch run one after another', async () => {
  const order: string[] = [];
  const call: Call = async (method) => {
    order.push(`${method} begins`);
    await Promise.resolve();
    order.push(`${method} ends`);
  };
  const request = (method: string) => ({ jsonrpc: '2.0', id: method, method });
  await ask([request('a'), request('b')], call);
  expect(order).toEqual(['a begins', 'a ends', 'b begins', 'b ends']);
});

test('a batch has at most 100 requests; a larger one runs none', async () => {
  let runs = 0;
  const call: Call = () => ++runs;
  const batch = (size: number) => Array.from({ length: size }, (_, id) => ({ jsonrpc: '2.0', id, method: 'm' }));
  expect(await ask(batch(100), call)).toHaveLength(100);
  expect(await ask(batch(101), call)).toMatchObject({ id: null, error: { code: -32600 } });
  expect(runs).toBe(100);
});

test.each([
  ['an unknown method', new UnknownMethod('m'), -32601, { detail: 'There is no method m.' }],
  [
    'bad parameters',
    new InvalidParams([{ pointer: '/a', detail: 'is required' }]),
    -32602,
    { detail: '/a is required', errors: [{ pointer: '/a', detail: 'is required' }] },
  ],
  [
    'bad input as a whole',
    new InvalidParams([{ pointer: '', detail: 'must be an object' }]),
    -32602,
    { detail: 'the input must be an object', errors: [{ pointer: '', detail: 'must be an object' }] },
  ],
  [
    'an application error',
    new ServiceError('unknown_cluster', 'Cluster 9 has no loaded row.'),
    404,
    { code: 'unknown_cluster', detail: 'Cluster 9 has no loaded row.' },
  ],
])('%s keeps its code and says what to do', async (_what, error, code, data) => {
  const response = await ask({ jsonrpc: '2.0', id: 1, method: 'm' }, () => {
    throw error;
  });
  expect(response).toMatchObject({ id: 1, error: { code, data } });
  expect(bugs).toEqual([]);
});

test('a bug is -32603 without details, and goes to the log', async () => {
  const bug = new TypeError('secret');
  const response = await ask({ jsonrpc: '2.0', id: 1, method: 'm' }, () => Promise.reject(bug));
  expect(response).toEqual({ jsonrpc: '2.0', id: 1, error: { code: -32603, message: 'Internal error' } });
  expect(bugs).toEqual([bug]);
});

test('a batch whose responses are too long is refused from there on, and the rest does not run', async () => {
  let runs = 0;
  const call: Call = () => {
    runs++;
    return 'x'.repeat(9 * 2 ** 20);
  };
  const batch = [1, 2, 3, 4].map((id) => ({ jsonrpc: '2.0', id, method: 'm' }));
  const responses = await ask(batch, call);
  expect(runs).toBe(2);
  expect(Array.isArray(responses) && responses.slice(2)).toMatchObject([
    { id: 3, error: { code: 413, data: { code: 'answer_too_large' } } },
    { id: 4, error: { code: 413, data: { code: 'answer_too_large' } } },
  ]);
});

test('a lone surrogate in a parameter is -32602 with its pointer, and the method does not run', async () => {
  const call = jest.fn();
  const params = { ok: '\ud83d\ude00', list: [{ 'a/b': 'x\ud800' }], text: '\udc00' };
  expect(await ask({ jsonrpc: '2.0', id: 1, method: 'm', params }, call)).toMatchObject({
    id: 1,
    error: { code: -32602, data: { errors: [{ pointer: '/list/0/a~1b' }, { pointer: '/text' }] } },
  });
  expect(call).not.toHaveBeenCalled();
});
