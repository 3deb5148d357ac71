/** Creates a machine as an operator would. */
async function provision(http, clusterId, machine) {
  const answer = await fetch(`${http}/clusters/${clusterId}/machines`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(machine),
  });
  if (answer.status !== 201) throw new Error(`${answer.status} ${await answer.text()}`);
}

module.exports = { provision };
