import { listedLayouts } from '../../../src/wire/modules/listing.js';

describe('the list of layouts', () => {
  it('has an entry for each packet and version, with the types of its fields', () => {
    const entries = listedLayouts().filter(
      ({ module, name }) => module === 'usrloc-contact-repl' && name === 'aor_insert',
    );
    expect(entries.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5]);
    expect(entries[4]).toEqual({
      dialect: '2.4',
      module: 'usrloc-contact-repl',
      version: 5,
      packet_type: 1,
      name: 'aor_insert',
      fields: [
        { name: 'domain', type: 'text' },
        { name: 'aor', type: 'text' },
        { name: 'label', type: 'int' },
        { name: 'next_clabel', type: 'int' },
        { name: 'kv', type: 'text', default: '' },
      ],
    });
  });

  it('says of groups what is in them, and of fields that depend on others that they do', () => {
    const contact = listedLayouts().find(({ name, version }) => name === 'contact_delete' && version === 5);
    expect(contact?.fields.at(-1)).toEqual({
      name: 'ctmatch',
      type: 'object',
      default: { mode: -1 },
      fields: [
        { name: 'mode', type: 'int', about: expect.any(String) },
        { name: 'params', type: 'texts', conditional: true },
      ],
    });
  });

  it('says which releases write a layout, where the version does not', () => {
    const pipes = listedLayouts().filter(
      ({ module, packet_type }) => module === 'ratelimit-pipe-repl' && packet_type === 0,
    );
    expect(pipes.map(({ releases }) => releases)).toEqual(['3.3 and later', 'up to 3.2']);
  });

  it('names every field in snake_case, and none twice in a packet unless only one of them can be there', () => {
    for (const { module, name, fields } of listedLayouts()) {
      const names = fields.filter(({ conditional }) => !conditional).map((field) => field.name);
      expect([module, name, names]).toEqual([module, name, [...new Set(names)]]);
      expect(names.filter((it) => !/^[a-z][a-z0-9_]*$/.test(it))).toEqual([]);
    }
  });
});
