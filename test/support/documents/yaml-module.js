const { parse } = require('yaml');

/** Makes a module of a YAML file. Jest keeps the result on disk: each test file that parsed a document itself took half a second. */
module.exports = {
  process: (yaml) => ({ code: `module.exports = JSON.parse(${JSON.stringify(JSON.stringify(parse(yaml)))});` }),
};
