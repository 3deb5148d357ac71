import type { TSchema } from 'typebox';
import { CallerView } from '../schemas/caller.js';
import {
  CheckAnswer,
  ClusterList,
  ClusterView,
  HealthAnswer,
  IdAnswer,
  ReadyAnswer,
  ReloadAnswer,
  VersionAnswer,
} from '../schemas/cluster.js';
import { CapabilityList, TopologyAnswer } from '../schemas/fleet.js';
import { MessageAnswer, MessageResult } from '../schemas/fleet-calls.js';
import { HistoryEntryView, HistoryPage } from '../schemas/history.js';
import { LayoutField, LayoutList, LayoutView } from '../schemas/layout.js';
import { MachineList, MachineView, UpMachine, UpMachineList } from '../schemas/machine.js';
import { ModuleList, ModuleView, SendAnswer, SendResult } from '../schemas/packet.js';
import { Problem } from '../schemas/problem.js';
import { TagList, TagView } from '../schemas/tags.js';

/** The named schemas that both documents list; a schema comes after those that it refers to. */
export const NAMED_SCHEMAS: readonly TSchema[] = [
  Problem,
  MachineView,
  MachineList,
  UpMachine,
  UpMachineList,
  ClusterView,
  ClusterList,
  ReloadAnswer,
  TopologyAnswer,
  CapabilityList,
  MessageResult,
  MessageAnswer,
  TagView,
  TagList,
  CheckAnswer,
  IdAnswer,
  VersionAnswer,
  HealthAnswer,
  ReadyAnswer,
  SendResult,
  SendAnswer,
  ModuleView,
  ModuleList,
  LayoutField,
  LayoutView,
  LayoutList,
  CallerView,
  HistoryEntryView,
  HistoryPage,
];
