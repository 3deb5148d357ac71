import { ServiceError } from '../../../ground/errors.js';
import { type NamedParams, validParams } from '../../../rpc/json-rpc.js';
import { Type } from '../../../schemas/typebox.js';
import { validatorOf } from '../../../schemas/validation.js';
import type { ClusterService } from '../../../service/cluster-service.js';
import type { MiCommand } from './command.js';
import { fleetChanges } from './fleet-changes.js';
import { fleetLists } from './fleet-lists.js';
import { tableCommands } from './table-commands.js';
import { tagCommands } from './tag-commands.js';

/**
 * Returns the commands by name. Names with a colon are those of OpenSIPS 4.0, the others those of 2.2 to 3.6. The three that 2.2 has answer
 * as 2.2 does, or as 4.0 does where every loaded cluster speaks 2.4.
 */
export function miCommands(service: ClusterService): ReadonlyMap<string, MiCommand> {
  const table = tableCommands(service);
  const commands = new Map<string, MiCommand>();
  const lists = fleetLists(service);
  const tags = tagCommands(service);
  const changes = fleetChanges(service, (name) => commands.get(name));
  const either = (of22: MiCommand, of40: MiCommand): MiCommand => {
    const choose = () => (service.fleets.hasOnlyFleets ? of40 : of22);
    return {
      role: of22.role,
      get lists() {
        return choose().lists;
      },
      run: (params, caller) => choose().run(params, caller),
    };
  };
  const named: readonly (readonly [string, MiCommand])[] = [
    ['clusterer_list', either(table.list, lists.list)],
    ['clusterer_reload', table.reload],
    ['clusterer_set_status', either(table.setStatus, changes.setStatus)],
    ['clusterer_list_topology', lists.topology],
    ['clusterer_list_cap', lists.capabilities],
    ['clusterer_list_shtags', tags.list],
    ['clusterer_shtag_set_active', tags.setActive],
    ['cluster_send_mi', changes.sendMi],
    ['cluster_broadcast_mi', changes.broadcastMi],
    ['clusterer_remove_node', changes.removeNode],
    ['clusterer:list', lists.list],
    ['clusterer:reload', table.reload],
    ['clusterer:set_status', changes.setStatus],
    ['clusterer:list_topology', lists.topology],
    ['clusterer:list_cap', lists.capabilities],
    ['clusterer:list_shtags', tags.list],
    ['clusterer:shtag_set_active', tags.setActive],
    ['clusterer:send_mi', changes.sendMi],
    ['clusterer:broadcast_mi', changes.broadcastMi],
    ['clusterer:remove_node', changes.removeNode],
    ['which', { role: 'read', lists: [[], ['command']], run: (params) => which(commands, params) }],
  ];
  for (const [name, command] of named) commands.set(name, command);
  return commands;
}

const validateWhich = validatorOf(Type.Object({ command: Type.Optional(Type.String()) }), 'text');

/** Returns the names of all commands, or the parameter lists of one. opensips-cli needs them for completion at TAB. */
function which(commands: ReadonlyMap<string, MiCommand>, params: NamedParams): MiCommand['lists'] | string[] {
  const { command } = validParams<{ command?: string }>(params, validateWhich);
  if (command === undefined) return [...commands.keys()];
  const found = commands.get(command);
  if (found === undefined)
    throw new ServiceError('unknown_command', 'Call which without parameters to list all commands.');
  return found.lists;
}
