/** Calls between a bench and its processes: one message there, one back. */

/** In the process: answers calls by these functions until the bench lets go. */
function answerCalls(functions) {
  process.on('message', async ({ id, name, params }) => {
    try {
      process.send({ id, result: await functions[name](params) });
    } catch (error) {
      process.send({ id, error: error.stack });
    }
  });
}

/** In the bench: answers how to call the functions of that process. Rejects when it has failed or ended. */
function callsTo(child) {
  const waiting = new Map();
  let lastId = 0;
  child.on('message', ({ id, result, error }) => {
    const { resolve, reject } = waiting.get(id);
    waiting.delete(id);
    if (error === undefined) resolve(result);
    else reject(new Error(error));
  });
  child.on('exit', (code, signal) => {
    for (const { reject } of waiting.values())
      reject(new Error(`${child.spawnargs.at(-1)} ended with ${code ?? signal}`));
  });
  return (name, params = {}) =>
    new Promise((resolve, reject) => {
      waiting.set(++lastId, { resolve, reject });
      child.send({ id: lastId, name, params });
    });
}

module.exports = { answerCalls, callsTo };
