import type { SocketClient } from '../support/peers/socket-client.js';
import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

/** Sends a text as it is, and returns the answer. */
async function answerTo(client: SocketClient, text: string): Promise<unknown> {
  const before = client.frames.length;
  client.socket.send(text);
  return client.until(({ frames }) => frames.length > before && frames[before]);
}

describe('a message that is not a request', () => {
  it.each([
    ['a number', '42', null],
    ['null', 'null', null],
    ['a string', '"ping"', null],
    ['an empty batch', '[]', null],
    ['an object without a method', '{"jsonrpc":"2.0","id":5}', 5],
    ['a method that is not a string', '{"jsonrpc":"2.0","id":5,"method":7}', 5],
    ['another version', '{"jsonrpc":"1.0","id":"x","method":"ping"}', 'x'],
    ['an invalid id', '{"jsonrpc":"2.0","id":{},"method":"ping"}', null],
    ['invalid params', '{"jsonrpc":"2.0","id":5,"method":"ping","params":3}', 5],
  ])('gets -32600 and leaves the socket open: %s', async (_, text, id) => {
    const client = await (await startService()).socket();
    expect(await answerTo(client, text)).toEqual({
      jsonrpc: '2.0',
      id,
      error: { code: -32600, message: 'Invalid Request' },
    });
    expect(await client.call('ping')).toBe('pong');
  });

  it('gets -32700 and closes the socket with 4501 if it is not JSON', async () => {
    const client = await (await startService()).socket();
    expect(await answerTo(client, '{"jsonrpc":')).toEqual({
      jsonrpc: '2.0',
      id: null,
      error: { code: -32700, message: 'Parse error' },
    });
    expect((await client.closed).code).toBe(4501);
  });

  it('closes the socket with 4501 if it is binary, with 1009 above 1 MiB, with 1007 if it is not UTF-8', async () => {
    const service = await startService();
    const [binary, long, garbled] = [await service.socket(), await service.socket(), await service.socket()];
    const bystander = await service.socket();
    binary.socket.send(Buffer.from('{"jsonrpc":"2.0","id":1,"method":"ping"}'));
    long.socket.send('x'.repeat(1_048_577));
    garbled.socket.send(Buffer.of(0xff, 0xfe), { binary: false });
    const codes = await Promise.all([binary, long, garbled].map(async ({ closed }) => (await closed).code));
    expect(codes).toEqual([4501, 1009, 1007]);
    expect(await bystander.call('ping')).toBe('pong');
  });

  it('may be exactly 1 MiB long', async () => {
    const client = await (await startService()).socket();
    const request = '{"jsonrpc":"2.0","id":1,"method":"ping"}';
    expect(await answerTo(client, request.padEnd(1_048_576))).toMatchObject({ result: 'pong' });
  });
});

describe('an id', () => {
  it('that is a number is returned digit by digit, even if JavaScript cannot represent it', async () => {
    const client = await (await startService()).socket();
    const texts: string[] = [];
    client.socket.on('message', (data) => texts.push(String(data)));
    for (const id of ['9007199254740993', '1e400', '1.10', '-0', '7']) {
      await answerTo(client, `{"jsonrpc":"2.0","id":${id},"method":"ping"}`);
      await answerTo(
        client,
        `[{"jsonrpc":"2.0","id":${id},"method":"none"},{"jsonrpc":"2.0","id":"${id}","method":7}]`,
      );
      expect(texts.splice(0).flatMap((text) => text.match(/(?<="id":)[^,]*/g))).toEqual([id, id, `"${id}"`]);
    }
  });
});

describe('text', () => {
  it('with half of a surrogate pair gets -32602 with its field', async () => {
    const client = await (await startService()).socket();
    const params = '{"module":"\\ud800","protocol":"bin","timeout":0,"auth_check":0,"cluster_id":0}';
    expect(
      await answerTo(client, `{"jsonrpc":"2.0","id":1,"method":"register_module","params":${params}}`),
    ).toMatchObject({ error: { code: -32602, data: { errors: [{ pointer: '/module' }] } } });
    expect(await client.call('ping')).toBe('pong');
  });

  it('may start with a byte order mark', async () => {
    const client = await (await startService()).socket();
    expect(await answerTo(client, '\ufeff{"jsonrpc":"2.0","id":1,"method":"ping"}')).toMatchObject({ result: 'pong' });
  });
});

describe('requests', () => {
  it('in a batch get one answer, which leaves out notifications; a batch of notifications gets none', async () => {
    const client = await (await startService()).socket();
    client.socket.send('[{"jsonrpc":"2.0","method":"ping"}]');
    client.socket.send('{"jsonrpc":"2.0","method":"nothing"}');
    const batch = [
      '{"jsonrpc":"2.0","id":"a","method":"ping"}',
      '{"jsonrpc":"2.0","method":"get_my_id"}',
      '7',
      '{"jsonrpc":"2.0","id":2,"method":"get_my_id","params":[]}',
    ];
    expect(await answerTo(client, `[${batch.join()}]`)).toEqual([
      { jsonrpc: '2.0', id: 'a', result: 'pong' },
      { jsonrpc: '2.0', id: null, error: { code: -32600, message: 'Invalid Request' } },
      { jsonrpc: '2.0', id: 2, result: { server_id: 0 } },
    ]);
  });

  it('with an unknown method get -32601', async () => {
    const client = await (await startService()).socket();
    for (const method of ['no_such', '__proto__', 'constructor', 'register', '']) {
      await expect(client.call(method)).rejects.toMatchObject({ code: -32601 });
    }
  });

  const MODULE = { module: 'ul', protocol: 'bin', timeout: 10, auth_check: true, cluster_id: 1 };
  it.each([
    ['register_module', {}, ['/module', '/protocol', '/timeout', '/auth_check', '/cluster_id']],
    ['register_module', { ...MODULE, module: '' }, ['/module']],
    ['register_module', { ...MODULE, timeout: 0.04 }, ['/timeout']],
    ['register_module', { ...MODULE, timeout: -1 }, ['/timeout']],
    ['register_module', { ...MODULE, timeout: 2_147_484 }, ['/timeout']],
    ['register_module', { ...MODULE, timeout: '10' }, ['/timeout']],
    ['register_module', { ...MODULE, auth_check: 2 }, ['/auth_check']],
    ['register_module', { ...MODULE, auth_check: null }, ['/auth_check']],
    ['register_module', { ...MODULE, cluster_id: 0 }, ['/cluster_id']],
    ['register_module', { ...MODULE, cluster_id: -1 }, ['/cluster_id']],
    ['register_module', { ...MODULE, cluster_id: 2_147_483_648 }, ['/cluster_id']],
    ['register_module', { ...MODULE, colour: 'red' }, ['/colour']],
    ['register_module', { ...MODULE, resume: { registration: 'x' } }, ['/resume/epoch', '/resume/seq']],
    ['unregister_module', {}, ['/registration']],
    ['send_to', { cluster_id: 1 }, ['/module', '/packet_type']],
    ['send_to', { cluster_id: 1, module: 'ul' }, ['/packet_type']],
    ['send_to', { cluster_id: 1, module: 'ul', name: 'aor_delete', payload: '' }, ['/fields', '/payload']],
    ['send_to', { cluster_id: 0, module: 'ul', packet_type: 1 }, ['/cluster_id']],
    ['get_nodes', {}, ['/cluster_id']],
    ['set_state', { cluster_id: 1, machine_id: 2, state: 3 }, ['/state']],
    ['check', { cluster_id: 1, server_id: 2 }, ['/address']],
    ['check', { cluster_id: 1, server_id: 2, address: 'sip-2' }, ['/address']],
    ['list_nodes', { limit: 0 }, ['/limit']],
    ['ping', { loud: true }, ['/loud']],
    ['ping', [1], ['']],
  ])('get the faulty parameters of %s %j', async (method, params, pointers) => {
    const client = await (await startService()).socket();
    await expect(client.call(method, params)).rejects.toMatchObject({
      code: -32602,
      data: { detail: expect.any(String), errors: pointers.map((pointer) => expect.objectContaining({ pointer })) },
    });
    expect(await client.call('ping')).toBe('pong');
  });

  it.each(['udp', 'tls', 'nonsense'])('for the protocol %s are refused with a reason', async (protocol) => {
    const client = await (await startService()).socket();
    await expect(client.call('register_module', { ...MODULE, protocol })).rejects.toMatchObject({
      code: 400,
      data: { code: 'protocol_not_supported', detail: expect.stringContaining(protocol) },
    });
  });

  it('return what OpenSIPS 2.2 returns', async () => {
    const service = await startService();
    const machine = await service.provision(1, 2, 'bin:127.0.0.2:5555', { description: 'sip-2' });
    await service.provision(1, 3, 'bin:127.0.0.3:5555', { state: 'down' });
    const client = await service.socket();
    expect(await client.call('get_my_id')).toEqual({ server_id: 0 });
    expect(await client.call('list_nodes', { machine_id: 2 })).toEqual({ nodes: [machine], next_cursor: null });
    expect(await client.call('get_nodes', { cluster_id: 1, protocol: 'bin' })).toEqual({
      nodes: [{ machine_id: 2, state: 'up', description: 'sip-2', address: '127.0.0.2:5555', protocol: 'bin' }],
    });
    const check = { cluster_id: 1, server_id: 2, protocol: 'bin' };
    expect(await client.call('check', { ...check, address: '127.0.0.2:9' })).toEqual({ known: true });
    expect(await client.call('check', { ...check, address: '127.0.0.3' })).toEqual({ known: false });
    const state = { cluster_id: 1, machine_id: 2, protocol: 'bin' };
    expect(await client.call('set_state', { ...state, state: 2 })).toMatchObject({ state: 'up', no_tries: 1 });
    expect(await client.call('set_state', { ...state, state: 'down' })).toMatchObject({ state: 'down' });
    expect(await client.call('get_nodes', { cluster_id: 1 })).toEqual({ nodes: [] });
    const packet = { cluster_id: 1, module: 'ul', packet_type: 3 };
    expect(await client.call('send_to', packet)).toEqual({ results: [] });
  });

  it('for unknown clusters and machines get the HTTP status as their code', async () => {
    const service = await startService();
    await service.provision(1, 2, 'bin:127.0.0.2:5555');
    const client = await service.socket();
    const unknownCluster = { code: 404, data: { code: 'unknown_cluster' } };
    await expect(client.call('get_nodes', { cluster_id: 9 })).rejects.toMatchObject(unknownCluster);
    const packet = { cluster_id: 9, module: 'ul', packet_type: 3 };
    await expect(client.call('send_to', packet)).rejects.toMatchObject(unknownCluster);
    const unknownMachine = { code: 404, data: { code: 'unknown_machine' } };
    const state = { cluster_id: 1, machine_id: 2, state: 1, protocol: 'udp' };
    await expect(client.call('set_state', state)).rejects.toMatchObject(unknownMachine);
    const long = { cluster_id: 1, module: 'ul', packet_type: 3, payload: 'A'.repeat(87_352) };
    await expect(client.call('send_to', long)).rejects.toMatchObject({ code: 400, data: { code: 'payload_too_long' } });
  });
});
