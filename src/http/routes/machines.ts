import { ClusterParams, MachineParams } from '../../schemas/common.js';
import { type MachineBody, MachineView, StateBody, StatusBody } from '../../schemas/machine.js';
import { Type } from '../../schemas/typebox.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Status } from '../../service/calls/status-commands.js';
import type { ClusterService } from '../../service/cluster-service.js';
import type { MachineFields } from '../../service/views/provisioned.js';
import { parseTime } from '../../service/views/rfc3339.js';
import {
  conditionally,
  EtagHeader,
  IfNoneMatchHeaders,
  PreconditionHeaders,
  sendMachine,
  sendUnlessKnown,
  versionEtag,
} from '../answers/etag.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';
import { ChangeBody, CreationBody } from './machine-bodies.js';

const machineAnswer = { ...jsonResponse('The current machine', MachineView), headers: { etag: EtagHeader } };

const IN_MEMORY =
  'The state is kept in memory. Only persistent mode writes it to the table. Otherwise a reload or a restart reads the state from the table again.';
const SET_STATUS = `${IN_MEMORY} Down with a \`reason\` or an \`until\` is a drain, which survives both.`;
const SET_STATE = `${IN_MEMORY} For a state that survives both, set the status down with a \`reason\` or an \`until\`: a drain.`;

/** One machine: read and provision it, and set its status or state. */
export function machineRoutes(app: Routes, service: ClusterService): void {
  app.get(
    '/clusters/:cluster_id/machines/:machine_id',
    {
      config: { role: 'read' },
      schema: {
        operationId: 'getMachine',
        summary: 'One machine',
        tags: ['machines'],
        params: MachineParams,
        headers: IfNoneMatchHeaders,
        response: {
          200: machineAnswer,
          304: Type.Null({ description: 'The version of If-None-Match is the current one' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const { cluster_id, machine_id } = request.params;
      const { version, view } = service.queries.machine(cluster_id, machine_id);
      return sendUnlessKnown(request, reply, versionEtag(version), view);
    },
  );

  app.post(
    '/clusters/:cluster_id/machines',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'createMachine',
        summary: 'Provision a machine',
        tags: ['provisioning'],
        params: ClusterParams,
        body: CreationBody,
        response: { 201: { ...machineAnswer, description: 'Created' }, ...problems(400, 409, 503) },
      },
    },
    async (request, reply) => {
      const { machine_id, url } = request.body;
      const fields = { ...fieldsOf(request.body), url };
      const machine = await service.provisioner.create(request.params.cluster_id, machine_id, fields, request.caller);
      return sendMachine(reply.code(201), machine);
    },
  );

  app.put(
    '/clusters/:cluster_id/machines/:machine_id',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'putMachine',
        summary: 'Create a machine, or change the given fields',
        tags: ['provisioning'],
        params: MachineParams,
        headers: PreconditionHeaders,
        body: ChangeBody,
        response: {
          200: machineAnswer,
          201: { ...machineAnswer, description: 'Created' },
          ...problems(400, 404, 409, 412, 503),
        },
      },
    },
    async (request, reply) => {
      const { cluster_id, machine_id } = request.params;
      checkSameMachine(machine_id, request.body);
      const fields = fieldsOf(request.body);
      const machine = await conditionally(request, reply, (expected) =>
        service.provisioner.put(cluster_id, machine_id, fields, expected, request.caller),
      );
      return sendMachine(reply.code(machine.created ? 201 : 200), machine);
    },
  );

  app.delete(
    '/clusters/:cluster_id/machines/:machine_id',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'deleteMachine',
        summary: 'Remove a machine and close its connections',
        tags: ['provisioning'],
        params: MachineParams,
        headers: PreconditionHeaders,
        response: { 204: Type.Null({ description: 'Removed' }), ...problems(400, 404, 412, 503) },
      },
    },
    async (request, reply) => {
      const { cluster_id, machine_id } = request.params;
      await conditionally(request, reply, (expected) =>
        service.provisioner.remove(cluster_id, machine_id, expected, request.caller),
      );
      return reply.code(204).send();
    },
  );

  app.put(
    '/clusters/:cluster_id/machines/:machine_id/status',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'setMachineStatus',
        summary: 'Set a machine up or down (clusterer_set_status of OpenSIPS 2.2), or drain it',
        description: SET_STATUS,
        tags: ['machines'],
        params: MachineParams,
        headers: PreconditionHeaders,
        body: StatusBody,
        response: { 200: machineAnswer, ...problems(400, 404, 412) },
      },
    },
    async (request, reply) => {
      const { cluster_id, machine_id } = request.params;
      const target = { clusterId: cluster_id, machineId: machine_id, protocol: request.body.protocol };
      const status = readStatus(request.body);
      const machine = await conditionally(request, reply, (expected) =>
        service.status.setStatus({ ...target, expected }, status, request.caller),
      );
      return sendMachine(reply, machine);
    },
  );

  app.put(
    '/clusters/:cluster_id/machines/:machine_id/state',
    {
      config: { role: 'module' },
      schema: {
        operationId: 'setMachineState',
        summary: 'set_state of OpenSIPS 2.2: up, down, or one failed attempt',
        description: SET_STATE,
        tags: ['machines'],
        params: MachineParams,
        headers: PreconditionHeaders,
        body: StateBody,
        response: { 200: machineAnswer, ...problems(400, 404, 412) },
      },
    },
    async (request, reply) => {
      const { cluster_id, machine_id } = request.params;
      const { state, protocol } = request.body;
      const target = { clusterId: cluster_id, machineId: machine_id, protocol };
      const machine = await conditionally(request, reply, (expected) =>
        service.status.setState({ ...target, expected }, state, request.caller),
      );
      return sendMachine(reply, machine);
    },
  );
}

/** @throws `invalid_input` for an invalid time */
function readStatus({ status, reason, until }: StatusBody): Status {
  const up = status === 'up' || status === 1;
  return {
    status: up ? 'up' : 'down',
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until: parseTime(until, '/until') }),
  };
}

/** @throws `invalid_input` if the body has another machine id than the path */
function checkSameMachine(machineId: number, body: MachineBody): void {
  if (body.machine_id === undefined || body.machine_id === machineId) return;
  throw invalidInput([{ pointer: '/machine_id', detail: `must be ${machineId}, as in the path` }]);
}

/** The fields of a body, in the names of the service. */
function fieldsOf({
  url,
  description,
  state,
  failed_attempts,
  duration,
  priority,
  sip_addr,
}: MachineBody): MachineFields {
  return {
    ...(url !== undefined && { url }),
    ...(description !== undefined && { description }),
    ...(state !== undefined && { state }),
    ...(failed_attempts !== undefined && { failedAttempts: failed_attempts }),
    ...(duration !== undefined && { duration }),
    ...(priority !== undefined && { priority }),
    ...(sip_addr !== undefined && { sipAddress: sip_addr }),
  };
}
