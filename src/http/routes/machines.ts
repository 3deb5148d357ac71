import { Type } from 'typebox';
import { ClusterParams, MachineParams } from '../../schemas/common.js';
import { MachineBody, MachineView, NewMachineBody, StateBody, StatusBody } from '../../schemas/machine.js';
import { invalidInput } from '../../schemas/validation.js';
import type { Status } from '../../service/calls/status-commands.js';
import type { ClusterService } from '../../service/cluster-service.js';
import type { MachineFields, Provisioned } from '../../service/views/provisioned.js';
import { parseTime } from '../../service/views/rfc3339.js';
import {
  EtagHeader,
  IfNoneMatchHeaders,
  machineEtag,
  PreconditionHeaders,
  precondition,
  sendUnlessKnown,
} from '../answers/etag.js';
import { jsonResponse, problems, type Routes } from '../answers/route-types.js';

const machineAnswer = { ...jsonResponse('The machine as it is now', MachineView), headers: { etag: EtagHeader } };

const UNDONE =
  'The state is kept in memory. Only persistent mode writes it to the table; without it a reload or a restart takes the state of the table again, and can undo this.';
const SET_STATUS = `${UNDONE} Down with a \`reason\` or an \`until\` is a drain, which lasts over both.`;
const SET_STATE = `${UNDONE} What must last is a drain: set the status down with a \`reason\` or an \`until\`.`;

/** One machine: looking at it, provisioning, and what an operator or a module may set. */
export function machineRoutes(app: Routes, service: ClusterService): void {
  const view = (machine: Provisioned) => service.view(machine);

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
          304: Type.Null({ description: 'It is the one of If-None-Match' }),
          ...problems(400, 404),
        },
      },
    },
    async (request, reply) => {
      const { cluster_id, machine_id } = request.params;
      const cell = service.machine(cluster_id, machine_id);
      return sendUnlessKnown(request, reply, machineEtag(cell.machine), view(cell));
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
        body: NewMachineBody,
        response: { 201: { ...machineAnswer, description: 'Created' }, ...problems(400, 409, 503) },
      },
    },
    async (request, reply) => {
      const { machine_id, url } = request.body;
      const fields = { ...fieldsOf(request.body), url };
      const machine = await service.provisioning.create(request.params.cluster_id, machine_id, fields, request.caller);
      reply.code(201).header('etag', machineEtag(machine.machine));
      return view(machine);
    },
  );

  app.put(
    '/clusters/:cluster_id/machines/:machine_id',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'putMachine',
        summary: 'Create a machine, or change the fields named',
        tags: ['provisioning'],
        params: MachineParams,
        headers: PreconditionHeaders,
        body: MachineBody,
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
      const put = await service.provisioning.put(
        cluster_id,
        machine_id,
        fieldsOf(request.body),
        precondition(request, reply, view),
        request.caller,
      );
      reply.code(put.created ? 201 : 200).header('etag', machineEtag(put.machine.machine));
      return view(put.machine);
    },
  );

  app.delete(
    '/clusters/:cluster_id/machines/:machine_id',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'deleteMachine',
        summary: 'Remove a machine; its connections close',
        tags: ['provisioning'],
        params: MachineParams,
        headers: PreconditionHeaders,
        response: { 204: Type.Null({ description: 'Gone' }), ...problems(400, 404, 412, 503) },
      },
    },
    async (request, reply) => {
      const { cluster_id, machine_id } = request.params;
      await service.provisioning.remove(cluster_id, machine_id, precondition(request, reply, view), request.caller);
      return reply.code(204).send();
    },
  );

  app.put(
    '/clusters/:cluster_id/machines/:machine_id/status',
    {
      config: { role: 'operate' },
      schema: {
        operationId: 'setMachineStatus',
        summary: "Set a machine up or down (OpenSIPS 2.2's clusterer_set_status), or drain it",
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
      const cell = service.machine(cluster_id, machine_id, request.body.protocol);
      precondition(request, reply, view)(cell);
      await service.operating.setStatus(cell, readStatus(request.body), request.caller);
      reply.header('etag', machineEtag(cell.machine));
      return view(cell);
    },
  );

  app.put(
    '/clusters/:cluster_id/machines/:machine_id/state',
    {
      config: { role: 'module' },
      schema: {
        operationId: 'setMachineState',
        summary: "OpenSIPS 2.2's set_state: up, down, or one failed attempt",
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
      const cell = service.machine(cluster_id, machine_id, protocol);
      precondition(request, reply, view)(cell);
      await service.operating.setState(cell, state, request.caller);
      reply.header('etag', machineEtag(cell.machine));
      return view(cell);
    },
  );
}

/** @throws `invalid_input` for a time that is none */
function readStatus({ status, reason, until }: StatusBody): Status {
  const up = status === 'up' || status === 1;
  return {
    status: up ? 'up' : 'down',
    ...(reason !== undefined && { reason }),
    ...(until !== undefined && { until: parseTime(until, '/until') }),
  };
}

/** @throws `invalid_input` for a body that names another machine than the address does */
function checkSameMachine(machineId: number, body: MachineBody): void {
  if (body.machine_id === undefined || body.machine_id === machineId) return;
  throw invalidInput([{ pointer: '/machine_id', detail: `must be ${machineId}, as in the address` }]);
}

/** The fields of a body that were sent, in the service's names. */
function fieldsOf({ url, description, state, failed_attempts, duration }: MachineBody): MachineFields {
  return {
    ...(url !== undefined && { url }),
    ...(description !== undefined && { description }),
    ...(state !== undefined && { state }),
    ...(failed_attempts !== undefined && { failedAttempts: failed_attempts }),
    ...(duration !== undefined && { duration }),
  };
}
