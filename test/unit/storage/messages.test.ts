import { DatabaseUnavailable } from '../../../src/ground/errors.js';
import { errorOf, faultOf } from '../../../src/storage/sqlite/messages.js';

/** A copy, as a message between threads makes it. */
const crossed = (error: unknown) => errorOf(structuredClone(faultOf(error)));

test.each([true, false])(
  'an unavailable database crosses with its code, detail, cause and reach (away: %s)',
  (away) => {
    const error = crossed(new DatabaseUnavailable('The database cannot be used.', new Error('SQLITE_BUSY'), away));

    expect(error).toBeInstanceOf(DatabaseUnavailable);
    expect(error).toMatchObject({
      code: 'database_unavailable',
      status: 503,
      message: 'The database cannot be used.',
      cause: { message: 'SQLITE_BUSY' },
      away,
    });
  },
);

test('any other error crosses with its message and the text of its cause', () => {
  const error = crossed(new Error('There is no table.', { cause: new Error('denied') }));

  expect(error).not.toBeInstanceOf(DatabaseUnavailable);
  expect(error).toMatchObject({ message: 'There is no table.', cause: { message: 'denied' } });
});

test('an error without a cause, and what is not an error, cross too', () => {
  expect(crossed(new Error('alone'))).toMatchObject({ message: 'alone', cause: undefined });
  expect(crossed('a text')).toMatchObject({ message: 'a text' });
});
