/** Describes a change in a line of text. */
export function describeChange({ method, params }) {
  switch (method) {
    case 'node_state':
      return `${nameOf(params.machine)}: ${params.from} → ${params.to} (${params.cause})`;
    case 'machine_added':
    case 'machine_changed':
    case 'machine_removed':
      return nameOf(params.machine);
    case 'reception':
      return `machine ${params.machine_id} of cluster ${params.cluster_id}, for ${params.module}: ${params.from} → ${params.to}`;
    case 'link':
      return `machine ${params.machine_id} of cluster ${params.cluster_id}: ${params.from} → ${params.to}`;
    case 'capability':
      return `${params.name} of machine ${params.machine_id}: ${params.to}`;
    case 'topology':
      return `machine ${params.machine_id} has links to ${params.neighbours.join(', ') || 'nobody'}`;
    case 'nodes_reloaded':
      return `${params.nodes} machines in ${params.clusters} clusters, ${params.changed} changed`;
    default:
      return `${params.module}, cluster ${params.cluster_id}`;
  }
}

function nameOf({ description, machine_id, cluster_id, drain }) {
  const drained = drain ? `, drained for “${drain.reason}”` : '';
  return `${description} (machine ${machine_id} of cluster ${cluster_id}${drained})`;
}
