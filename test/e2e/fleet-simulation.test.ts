import { allLinked, endFleetAfterEach, machineOf, startFleet } from '../support/fleet/fleet.js';

endFleetAfterEach();

const UL = 'usrloc-contact-repl';
const FAMILIES = ['C1', 'C2', 'C3', 'D1', 'D2', 'E'] as const;

describe('the simulated fleet, against which the service is tested', () => {
  it('links machines of all families', async () => {
    const fleet = await startFleet(FAMILIES.map((family, i) => ({ id: i + 1, host: `127.0.40.${i + 1}`, family })));
    await allLinked(fleet);
  });

  it('carries capabilities within the old and within the new numbers only', async () => {
    const capabilities = { [UL]: true };
    const fleet = await startFleet(
      (['C2', 'C2', 'E'] as const).map((family, i) => ({ id: i + 1, host: `127.0.41.${i + 1}`, family, capabilities })),
    );
    await allLinked(fleet);
    const [first, , third] = fleet;
    await first?.until(() => first.topology.capabilities.has(2));
    expect(third?.topology.capabilities.has(1)).toBe(false);
  });

  it('notices a machine that died, and sees it come back', async () => {
    const [first, second, third] = await startFleet([1, 2, 3].map((id) => ({ id, host: `127.0.42.${id}` })));
    if (!first || !second || !third) throw new Error('three machines');
    await allLinked([first, second, third]);
    third.rows = [first, second];
    await third.kill();
    await first.until(() => !first.links.isUp(3));
    await third.start();
    await allLinked([first, second, third]);
  });

  it('routes around a link that is cut', async () => {
    const capabilities = { [UL]: true };
    const [first, second, third] = await startFleet(
      [1, 2, 3].map((id) => ({ id, host: `127.0.43.${id}`, capabilities })),
    );
    if (!first || !second || !third) throw new Error('three machines');
    await allLinked([first, second, third]);
    first.partition(2);
    second.partition(1);
    await first.until(() => !first.links.isUp(2) && first.topology.nextHop(2) === 3);
    expect(first.send(2, { capability: UL, type: 4, body: Buffer.from('body') })).toBe(true);
    await second.until(() => second.packets(UL).length === 1);
    expect(second.packets(UL)[0]).toMatchObject({ origin: 1, destination: 2, type: 4 });
  });

  it('takes a machine without a row that describes itself', async () => {
    const known = await machineOf({ id: 1, host: '127.0.44.1', joins: true }).start();
    const stranger = machineOf({ id: 9, host: '127.0.44.9', joins: true, knows: [known] });
    await stranger.start();
    await allLinked([known, stranger]);
    expect(known.links.up).toEqual([9]);
  });
});
