const { mkdirSync } = require('node:fs');
const { join } = require('node:path');
const { PrismaLibSql } = require('@prisma/adapter-libsql');
const { readConfig } = require('../../dist/config/variables.js');
const { databaseOptions } = require('../../dist/config/sections.js');
const { openDatabase } = require('../../dist/storage/database.js');

const ROWS_PER_INSERT = 1_000;

/** Rows of the raw adapter: arrays in the order of the columns. */
const query = async (adapter, sql) => (await adapter.queryRaw({ sql, args: [], argTypes: [] })).rows;

/** The stores that the service has for this URL; it makes the tables where they are missing. */
function openStores(url) {
  return openDatabase(databaseOptions(readConfig({ CLUSTERER_DB_URL: url })));
}

function urlOf(machineId) {
  return `bin:10.${(machineId >> 16) & 255}.${(machineId >> 8) & 255}.${machineId & 255}:5555`;
}

/** Machines 1 to `count` of cluster 1, in an empty table. */
async function fillTable(adapter, count, url = urlOf, clusters = 1) {
  for (let from = 0; from < count; from += ROWS_PER_INSERT) {
    const rows = Array.from({ length: Math.min(ROWS_PER_INSERT, count - from) }, (_, i) => {
      const machineId = from + i + 1;
      return `(${(machineId % clusters) + 1}, ${machineId}, '${url(machineId)}', 'machine ${machineId}')`;
    });
    await query(adapter, `INSERT INTO clusterer (cluster_id, machine_id, url, description) VALUES ${rows.join(', ')}`);
  }
}

/** A SQLite file where a service that starts in this folder looks for it, with so many machines. */
async function makeTable(folder, count, machineUrl = urlOf) {
  mkdirSync(join(folder, 'data'), { recursive: true });
  const url = `file:${join(folder, 'data/clusterer.db')}`;
  const { machines } = await openStores(url);
  await machines.close();
  const adapter = await new PrismaLibSql({ url, timeout: 5_000 }).connect();
  await fillTable(adapter, count, machineUrl);
  await adapter.dispose();
}

/** Gives every row of a SQLite file this description. */
async function changeRows(file, description) {
  const adapter = await new PrismaLibSql({ url: `file:${file}`, timeout: 5_000 }).connect();
  await query(adapter, `UPDATE clusterer SET description = '${description}'`);
  await adapter.dispose();
}

module.exports = { changeRows, fillTable, makeTable, openStores, query };
