import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { connect } from 'node:net';
import { startService, stopServicesAfterEach, type TestService } from '../support/service/service.js';

stopServicesAfterEach();

/** Calls a method as opensips-cli does, with a string as id. */
async function call(service: TestService, method: string, params?: unknown, headers?: Record<string, string>) {
  const { status, body } = await service.request(
    'POST',
    '/mi',
    { jsonrpc: '2.0', id: '3508', method, params },
    headers,
  );
  expect([status, body.jsonrpc, body.id]).toEqual([200, '2.0', '3508']);
  return body;
}

async function startWithMachine(environment: Record<string, string> = {}): Promise<TestService> {
  const service = await startService(environment);
  await service.provision(1, 2, 'bin:127.0.0.2:5555');
  return service;
}

test('opensips-cli works: it tests the port, calls which, then the command', async () => {
  const service = await startWithMachine();
  const port = Number(new URL(service.httpUrl).port);
  const probe = connect(port, '127.0.0.1');
  await once(probe, 'connect');
  probe.destroy();

  const exchange = async (body: string) => {
    const socket = connect(port, '127.0.0.1');
    const lines = ['POST /mi HTTP/1.1', 'Host: 127.0.0.1', 'Content-Type: application/json', 'Connection: close'];
    socket.write([...lines, `Content-Length: ${body.length}`, '', body].join('\r\n'));
    let response = '';
    socket.on('data', (chunk) => {
      response += chunk;
    });
    await once(socket, 'close');
    const [head, text = ''] = response.split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1.1 200 /);
    return JSON.parse(text);
  };
  expect(await exchange('{"jsonrpc":"2.0","id":"31943","method":"which","params":{}}')).toEqual({
    jsonrpc: '2.0',
    id: '31943',
    result: [
      'clusterer_list',
      'clusterer_reload',
      'clusterer_set_status',
      'clusterer_list_topology',
      'clusterer_list_cap',
      'clusterer_list_shtags',
      'clusterer_shtag_set_active',
      'cluster_send_mi',
      'cluster_broadcast_mi',
      'clusterer_remove_node',
      'clusterer:list',
      'clusterer:reload',
      'clusterer:set_status',
      'clusterer:list_topology',
      'clusterer:list_cap',
      'clusterer:list_shtags',
      'clusterer:shtag_set_active',
      'clusterer:send_mi',
      'clusterer:broadcast_mi',
      'clusterer:remove_node',
      'which',
    ],
  });
  expect(
    await exchange('{"jsonrpc": "2.0", "id": "3508", "method": "clusterer:set_status", "params": ["1", "2", "0"]}'),
  ).toEqual({ jsonrpc: '2.0', id: '3508', result: 'OK' });
  expect((await service.request('GET', '/clusters/1/machines/2')).body.state).toBe('down');
});

test('which lists the parameters of a command, for completion in opensips-cli', async () => {
  const service = await startService();
  const status = [
    ['cluster_id', 'machine_id', 'status'],
    ['cluster_id', 'machine_id', 'status', 'protocol'],
    ['cluster_id', 'node_id', 'status'],
    ['cluster_id', 'node_id', 'status', 'protocol'],
  ];
  const sendMi = ['cluster_id', 'destination', 'cmd_name'];
  for (const [command, lists] of [
    ['clusterer_list', [[]]],
    ['clusterer:reload', [[]]],
    ['clusterer_set_status', status],
    ['clusterer:set_status', [['cluster_id', 'status'], ...status.toReversed()]],
    ['clusterer:send_mi', [sendMi, [...sendMi, 'cmd_params']]],
    ['which', [[], ['command']]],
  ] as const) {
    for (const params of [{ command }, [command]]) {
      expect([params, (await call(service, 'which', params)).result]).toEqual([params, lists]);
    }
  }
  for (const command of ['', 'clusterer', 'constructor']) {
    expect((await call(service, 'which', { command })).error).toMatchObject({
      code: 404,
      data: { code: 'unknown_command' },
    });
  }
});

test('a numeric id comes back digit for digit', async () => {
  const service = await startService();
  for (const id of ['9007199254740993', '-0', '1e400', '1.10', '1E2', '0.1', '123456789012345', '2e-999']) {
    const one = await service.request('POST', '/mi', `{"jsonrpc":"2.0","id":${id},"method":"which"}`);
    const refused = await service.request('POST', '/mi', `[{"jsonrpc":"2.0","id":${id},"method":"none"}]`);
    expect([one.status, one.text.match(/"id":([^,]*)/)?.[1]]).toEqual([200, id]);
    expect([refused.status, refused.text.match(/"id":([^,]*)/)?.[1]]).toEqual([200, id]);
  }
});

test('a body that is not UTF-8 is -32700, a lone surrogate in a parameter -32602', async () => {
  const service = await startWithMachine();
  const send = async (body: string | Buffer<ArrayBuffer>) => {
    const headers = { 'content-type': 'application/json' };
    const response = await fetch(`${service.httpUrl}/mi`, { method: 'POST', headers, body });
    return [response.status, JSON.parse(await response.text()).error.code];
  };
  const notUtf8 = Buffer.from('{"jsonrpc":"2.0","id":"\xff","method":"which"}', 'latin1');
  expect(await send(notUtf8)).toEqual([400, -32700]);
  const lone = '{"jsonrpc":"2.0","id":1,"method":"clusterer_set_status","params":["1","2","0","\\ud800"]}';
  expect(await send(lone)).toEqual([200, -32602]);
});

test('clusterer_list returns every machine with the names of OpenSIPS 2.2', async () => {
  const service = await startWithMachine();
  await service.provision(1, 3, '127.0.0.3', { description: 'three', failed_attempts: 1 });
  await service.request('PUT', '/clusters/1/machines/3/state', { state: 2 });
  const { last_attempt } = (await service.request('GET', '/clusters/1/machines/3')).body;
  for (const [method, params] of [
    ['clusterer_list', {}],
    ['clusterer_list', []],
    ['clusterer_list', undefined],
  ] as const) {
    expect((await call(service, method, params)).result).toEqual({
      Clusterer: [
        {
          'Clusterer ID': 1,
          'Cluster ID': 1,
          'Machine ID': 2,
          STATE: 1,
          LAST_FAILED_ATTEMPT: 0,
          MAX_FAILED_ATTEMPTS: 3,
          NO_TRIES: 0,
          SECONDS_UNTIL_ENABLING: 0,
          PATH: 'bin:127.0.0.2:5555',
          DESCRIPTION: 'none',
        },
        {
          'Clusterer ID': 2,
          'Cluster ID': 1,
          'Machine ID': 3,
          STATE: 2,
          LAST_FAILED_ATTEMPT: last_attempt,
          MAX_FAILED_ATTEMPTS: 1,
          NO_TRIES: 1,
          SECONDS_UNTIL_ENABLING: 30,
          PATH: '127.0.0.3',
          DESCRIPTION: 'three',
        },
      ],
    });
  }
});

test('clusterer_reload returns OK', async () => {
  const service = await startWithMachine();
  for (const method of ['clusterer_reload', 'clusterer:reload'])
    expect((await call(service, method)).result).toBe('OK');
});

test('clusterer_set_status accepts parameters by position and by name, numbers also as text', async () => {
  const service = await startWithMachine();
  for (const [params, state] of [
    [['1', '2', '0'], 'down'],
    [[1, 2, 1], 'up'],
    [['1', '2', '0', 'bin'], 'down'],
    [{ cluster_id: '1', machine_id: '2', status: '1' }, 'up'],
    [{ cluster_id: 1, node_id: 2, status: 0 }, 'down'],
    [{ cluster_id: 1, machine_id: 2, status: 1, protocol: 'BIN' }, 'up'],
  ] as const) {
    expect((await call(service, 'clusterer_set_status', params)).result).toBe('OK');
    expect((await service.request('GET', '/clusters/1/machines/2')).body.state).toBe(state);
  }
});

test('bad parameters are -32602 and change nothing', async () => {
  const service = await startWithMachine();
  const bad: readonly (readonly [unknown, string])[] = [
    [undefined, '/cluster_id'],
    [[], '/cluster_id'],
    [['1', '2'], '/status'],
    [['1', '2', '0', 'bin', 'more'], '/4'],
    [['1', '2', '2'], '/status'],
    [['1', '2', '-1'], '/status'],
    [['1', '2', 'down'], '/status'],
    [['1', '2', true], '/status'],
    [['0', '2', '0'], '/cluster_id'],
    [['x', '2', '0'], '/cluster_id'],
    [['1e0', '2', '0'], '/cluster_id'],
    [['1', '2147483648', '0'], '/machine_id'],
    [['1', '2', '0', ''], '/protocol'],
    [['1', '2', '0', null], '/protocol'],
    [{ cluster_id: 1, status: 0 }, '/machine_id'],
    [{ cluster_id: 1, machine_id: 2, node_id: 2, status: 0 }, '/node_id'],
    [{ cluster_id: 1, machine_id: 2, status: 0, more: 1 }, '/more'],
  ];
  for (const [params, pointer] of bad) {
    const { error } = await call(service, 'clusterer_set_status', params);
    expect([params, error.code, error.data.errors[0].pointer]).toEqual([params, -32602, pointer]);
  }
  for (const [method, params] of [
    ['clusterer_list', { node_id: 1 }],
    ['clusterer_reload', ['1']],
    ['which', ['which', '1']],
    ['which', { command: 1 }],
    ['which', { name: 'which' }],
  ] as const) {
    expect((await call(service, method, params)).error.code).toBe(-32602);
  }
  expect((await service.request('GET', '/clusters/1/machines/2')).body.state).toBe('up');
});

test('an unknown cluster or machine, and the own row, are error 404', async () => {
  const service = await startService({ CLUSTERER_SERVER_ID: '7' });
  await service.provision(1, 7, 'bin:127.0.0.1');
  await service.provision(1, 2, 'bin:127.0.0.2');
  for (const [params, code] of [
    [['9', '2', '0'], 'unknown_cluster'],
    [['1', '9', '0'], 'unknown_machine'],
    [['1', '7', '0'], 'unknown_machine'],
    [['1', '2', '0', 'udp'], 'unknown_machine'],
  ] as const) {
    const { error } = await call(service, 'clusterer_set_status', params);
    expect([params, error.code, error.data.code]).toEqual([params, 404, code]);
  }
});

test('an unknown method is -32601, also with the name of a JavaScript property', async () => {
  const service = await startService();
  for (const method of ['mi', '', 'constructor', '__proto__', 'Which']) {
    expect((await call(service, method, {})).error.code).toBe(-32601);
  }
});

test('JSON that is not a request of JSON-RPC 2.0 is -32600', async () => {
  const service = await startService();
  const invalid: readonly (readonly [unknown, unknown])[] = [
    [5, null],
    ['null', null],
    ['"which"', null],
    [[], null],
    [{ id: 1, method: 'which' }, 1],
    [{ jsonrpc: '1.0', id: 1, method: 'which' }, 1],
    [{ jsonrpc: '2.0', id: 1 }, 1],
    [{ jsonrpc: '2.0', id: 1, method: 5 }, 1],
    [{ jsonrpc: '2.0', id: {}, method: 'which' }, null],
    [{ jsonrpc: '2.0', id: true, method: 'which' }, null],
    [{ jsonrpc: '2.0', id: 1, method: 'which', params: 'text' }, 1],
    [{ jsonrpc: '2.0', id: 1, method: 'which', params: null }, 1],
  ];
  for (const [message, id] of invalid) {
    const response = await service.request('POST', '/mi', message);
    expect([message, response.status, response.body]).toEqual([
      message,
      200,
      { jsonrpc: '2.0', id, error: { code: -32600, message: 'Invalid Request' } },
    ]);
  }
});

test('a request with id null has a response; one without an id is a notification and 204', async () => {
  const service = await startWithMachine();
  const response = await service.request('POST', '/mi', { jsonrpc: '2.0', id: null, method: 'clusterer_reload' });
  expect([response.status, response.body]).toEqual([200, { jsonrpc: '2.0', id: null, result: 'OK' }]);
  for (const message of [
    { jsonrpc: '2.0', method: 'clusterer_set_status', params: ['1', '2', '0'] },
    { jsonrpc: '2.0', method: 'unknown' },
    [{ jsonrpc: '2.0', method: 'which' }],
  ]) {
    const response = await service.request('POST', '/mi', message);
    expect([response.status, response.text]).toEqual([204, '']);
  }
  expect((await service.request('GET', '/clusters/1/machines/2')).body.state).toBe('down');
});

test('the responses of a batch are in order, without notifications', async () => {
  const service = await startWithMachine();
  const response = await service.request('POST', '/mi', [
    { jsonrpc: '2.0', id: 'a', method: 'clusterer_set_status', params: ['1', '2', '0'] },
    { jsonrpc: '2.0', method: 'clusterer_reload' },
    { jsonrpc: '2.0', id: 2, method: 'unknown' },
    5,
    { jsonrpc: '2.0', id: 'b', method: 'clusterer_reload' },
  ]);
  expect(response.status).toBe(200);
  expect(
    response.body.map((one: { id: unknown; result?: unknown; error?: { code: number } }) => [
      one.id,
      one.result ?? one.error?.code,
    ]),
  ).toEqual([
    ['a', 'OK'],
    [2, -32601],
    [null, -32600],
    ['b', 'OK'],
  ]);
});

test('text that is not JSON is -32700 with HTTP 400', async () => {
  const service = await startService();
  for (const body of ['{not json', '', '[{"jsonrpc":"2.0"']) {
    const response = await service.request('POST', '/mi', body);
    expect([body, response.status, response.body]).toEqual([
      body,
      400,
      { jsonrpc: '2.0', id: null, error: { code: -32700, message: 'Parse error' } },
    ]);
  }
});

test('another media type than JSON is 415, also from curl -d', async () => {
  const service = await startService();
  const type = { 'content-type': 'application/x-www-form-urlencoded' };
  const response = await service.request('POST', '/mi', '{"jsonrpc":"2.0","id":1,"method":"which"}', type);
  expect([response.status, response.body.code]).toEqual([415, 'unsupported_media_type']);
});

test('an insufficient role is error 403 of the call; no token is HTTP 401', async () => {
  const sha256 = (text: string) => createHash('sha256').update(text).digest('hex');
  const tokens = ['read', 'module', 'operate'].map((role) => `${role}er:${role}:${sha256(role)}`).join(',');
  const service = await startService({ CLUSTERER_TOKENS: tokens });
  for (const [role, method, code] of [
    ['read', 'which', undefined],
    ['read', 'clusterer_list', undefined],
    ['read', 'clusterer_reload', 403],
    ['read', 'clusterer_set_status', 403],
    ['module', 'clusterer:reload', 403],
    ['operate', 'clusterer_reload', undefined],
    ['read', 'unknown', -32601],
  ] as const) {
    const { error } = await call(service, method, {}, { authorization: `Bearer ${role}` });
    expect([role, method, error?.code]).toEqual([role, method, code]);
  }
  const stranger = await service.request('POST', '/mi', { jsonrpc: '2.0', id: '1', method: 'which' });
  expect([stranger.status, stranger.body.code]).toEqual([401, 'unauthorized']);
});
