import { CallFailure } from '../../../rpc/json-rpc.js';
import type { ClusterService } from '../../../service/cluster-service.js';
import { type MiCommand, textParam } from './command.js';

/** The commands of OpenSIPS 3.0 to 4.0 about sharing tags, with the errors of 4.0 (docs/opensips.md). */
export function tagCommands(service: ClusterService): Record<'list' | 'setActive', MiCommand> {
  return {
    // A daemon lists its own states. This service handles no calls, so it is never active.
    list: {
      role: 'read',
      lists: [[]],
      run: () =>
        service.fleets.clusterIds.flatMap((clusterId) =>
          service.tags.list(clusterId).tags.map(({ tag }) => ({ Tag: tag, Cluster: clusterId, State: 'backup' })),
        ),
    },
    setActive: {
      role: 'operate',
      lists: [['tag']],
      run: async (params, caller) => {
        const [, tag, cluster] = /^\s*([^/]*?)\s*\/(.*)$/s.exec(textParam(params, 'tag')) ?? [];
        if (tag === undefined || cluster === undefined) {
          throw new CallFailure(400, 'Bad tag format <name/cluster_id>');
        }
        if (!/^\s*\d+\s*$/.test(cluster)) throw new CallFailure(400, 'Bad cluster ID in tag');
        const clusterId = Number(cluster);
        if (!service.fleets.isMember(clusterId)) throw new CallFailure(404, 'Cluster ID not found');
        if (await service.tags.assertOwner(clusterId, tag, caller)) return 'OK';
        throw new CallFailure(400, 'Local node cannot be active', cannotBeActive(clusterId, tag));
      },
    },
  };
}

function cannotBeActive(clusterId: number, tag: string): string {
  return `This service handles no calls. PUT /clusters/${clusterId}/tags/${encodeURIComponent(tag)} makes a machine the owner; after that this command makes the owner active again.`;
}
