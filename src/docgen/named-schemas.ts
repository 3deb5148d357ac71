import { CallerView } from '../schemas/caller.js';
import { Snapshot } from '../schemas/changes.js';
import {
  CheckAnswer,
  ClusterList,
  ClusterView,
  HealthAnswer,
  IdAnswer,
  ReadyAnswer,
  ReloadAnswer,
  RowFault,
  VersionAnswer,
} from '../schemas/cluster.js';
import { FailureData, FailureView, FieldFaultView } from '../schemas/failure.js';
import {
  CapabilityList,
  CapabilityMachine,
  CapabilityView,
  MachineCapability,
  TopologyAnswer,
  TopologyMachine,
} from '../schemas/fleet.js';
import { MessageAnswer, MessageResult } from '../schemas/fleet-calls.js';
import { HistoryEntryView, HistoryPage } from '../schemas/history.js';
import { LayoutField, LayoutGroupField, LayoutList, LayoutView } from '../schemas/layout.js';
import { DrainView, MachineList, MachineView, UpMachine, UpMachineList } from '../schemas/machine.js';
import { MiRequest, MiResponse } from '../schemas/mi.js';
import { SocketLimits } from '../schemas/notifications.js';
import { ModuleList, ModuleMachine, ModuleView, SendAnswer, SendResult } from '../schemas/packet.js';
import { PacketCount, PacketCounts } from '../schemas/packet-counts.js';
import { Problem } from '../schemas/problem.js';
import {
  NewRegistration,
  RegisteredMachine,
  ReplacedRegistration,
  ResumedRegistration,
} from '../schemas/registration.js';
import { LeaderAnswer, ReplicaList, ReplicaView } from '../schemas/replicas.js';
import { TagList, TagMachine, TagView } from '../schemas/tags.js';
import type { TSchema } from '../schemas/typebox.js';

/** The named schemas of the REST API; a schema comes after those that it refers to. */
export const NAMED_SCHEMAS: readonly TSchema[] = [
  DrainView,
  MachineCapability,
  MachineView,
  MachineList,
  UpMachine,
  UpMachineList,
  ClusterView,
  ClusterList,
  RowFault,
  ReloadAnswer,
  TopologyMachine,
  TopologyAnswer,
  CapabilityMachine,
  CapabilityView,
  CapabilityList,
  MessageResult,
  MessageAnswer,
  TagMachine,
  TagView,
  TagList,
  CheckAnswer,
  IdAnswer,
  VersionAnswer,
  HealthAnswer,
  ReadyAnswer,
  ReplicaView,
  ReplicaList,
  LeaderAnswer,
  SendResult,
  SendAnswer,
  ModuleMachine,
  ModuleView,
  ModuleList,
  PacketCount,
  PacketCounts,
  LayoutGroupField,
  LayoutField,
  LayoutView,
  LayoutList,
  CallerView,
  HistoryEntryView,
  HistoryPage,
  FieldFaultView,
  FailureData,
  FailureView,
  MiRequest,
  MiResponse,
  Problem,
];

/** Those that only sockets and event streams have. */
export const SOCKET_SCHEMAS: readonly TSchema[] = [
  Snapshot,
  SocketLimits,
  RegisteredMachine,
  NewRegistration,
  ResumedRegistration,
  ReplacedRegistration,
];
