import { startService, stopServicesAfterEach } from '../support/service/service.js';

stopServicesAfterEach();

describe('GET /layouts', () => {
  it('lists the fields of the packets of both dialects', async () => {
    const service = await startService();
    const { status, body } = await service.request('GET', '/layouts');
    expect(status).toBe(200);
    expect(body.layouts).toContainEqual({
      dialect: '2.2',
      module: 'ul',
      version: 1,
      packet_type: 1,
      name: 'aor_insert',
      fields: [
        { name: 'domain', type: 'text' },
        { name: 'aor', type: 'text' },
      ],
    });
    expect(body.layouts).toContainEqual(
      expect.objectContaining({ dialect: '2.4', module: 'ratelimit-pipe-repl', name: 'pipe_counter' }),
    );
  });

  it('says what is in the groups of a list', async () => {
    const service = await startService();
    const { layouts } = (await service.request('GET', '/layouts')).body;
    const profiles = layouts.find(
      ({ dialect, name }: Record<string, unknown>) => dialect === '2.2' && name === 'profiles',
    );
    expect(profiles.fields[0]).toMatchObject({
      name: 'profiles',
      type: 'list',
      fields: [{ name: 'name', type: 'text' }, {}, {}, {}],
    });
  });
});
